import { CreatedAt, Entity, Id, Prop } from '../../lib/index.js';

/** Id of the one marker. */
export const SEED_MARKER = 'shop';

/** Tells that a database is the sample's, and whether its first data is complete. */
@Entity('seed')
export class SeedMarker {
  @Id({ default: () => SEED_MARKER }) id!: string;
  @Prop() products!: number;
  @Prop() customers!: number;
  @Prop() orders!: number;
  @CreatedAt() startedAt!: Date;
  @Prop() completedAt?: Date;
}
