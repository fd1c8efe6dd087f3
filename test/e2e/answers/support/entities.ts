import { IsEmail } from 'class-validator';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../../lib/index.js';

/** Guarded field by field. */
@Entity({ collection: 'orders' })
export class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop() note?: string;
  @Prop() qty!: number;
  @Prop() placedAt?: Date;
  @Prop({ type: Object }) meta?: Record<string, unknown>;
  @Prop({ merge: 'sum' }) views?: bigint;
}

@Entity({ collection: 'members' })
export class Member {
  @Id() id!: ObjectId;
  @Prop({ unique: true }) @IsEmail() email!: string;
}

/** To look at. */
@Entity({ collection: 'past_orders', readonly: true })
export class PastOrder {
  @Id() id!: ObjectId;
  @Prop() note?: string;
}

/** Its index is there already, with other options. */
@Entity({ collection: 'guests' })
export class Guest {
  @Id() id!: ObjectId;
  @Prop({ unique: true }) email!: string;
}

/** Its `@Id()` was forgotten. */
@Entity({ collection: 'sketches' })
export class Sketch {
  @Prop() title!: string;
}

/** No `@Entity()` above it. */
export class Plain {
  note?: string;
}
