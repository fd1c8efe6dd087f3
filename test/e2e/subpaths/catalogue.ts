import { ObjectId, Decimal128, Long, Binary, UUID } from 'mongodb';
import { ApiProperty } from '@nestjs/swagger';
import { CreatedAt, Embedded, Entity, Id, Prop, UpdatedAt, Version } from '../../../lib/index.js';
import { OmitType, PartialType, PickType } from '../../../lib/swagger/index.js';

export enum Status {
  open = 'open',
  shipped = 'shipped',
}

@Embedded()
export class Geo {
  @Prop() lat!: number;
  @Prop() lon!: number;
}

@Embedded()
export class Address {
  @ApiProperty({ description: 'Where the door is.' })
  @Prop({ name: 'c', required: true })
  city!: string;
  @Prop() geo?: Geo;
}

@Embedded({ discriminator: 'kind' })
export class Payment {
  @Prop() amount!: Decimal128;
}
@Embedded({ discriminatorValue: 'card' })
export class Card extends Payment {
  @Prop() last4!: string;
}
@Embedded({ discriminatorValue: 'transfer' })
export class Transfer extends Payment {
  @Prop() iban!: string;
}

/** A field of each type that can be declared. */
@Entity({ collection: 'everything' })
export class Everything {
  @Id() id!: ObjectId;
  @Prop() string!: string;
  @Prop() number!: number;
  @Prop() boolean!: boolean;
  @Prop() date!: Date;
  @Prop() owner!: ObjectId;
  @Prop() decimal!: Decimal128;
  @Prop() bigint!: bigint;
  @Prop() long!: Long;
  @Prop() binary!: Binary;
  @Prop() buffer!: Buffer;
  @Prop() uuid!: UUID;
  @Prop() regexp!: RegExp;
  @Prop({ type: Object }) free: unknown;
  @Prop({ enum: Status, default: Status.open }) status!: Status;
  @Prop(() => [String]) tags!: string[];
  @Prop(() => [[Number]]) grid!: number[][];
  @Prop({ type: Set, of: ObjectId }) owners!: Set<ObjectId>;
  @Prop({ type: Map, of: BigInt }) stock!: Map<string, bigint>;
  @Prop({ type: Map, of: Address }) places!: Map<string, Address>;
  @Prop() address!: Address;
  @Prop({ type: Address, nullable: true }) billing!: Address | null;
  @Prop(() => Payment) payment!: Payment;
  @Prop(() => [Payment]) history!: Payment[];
  @Prop(() => String, { nullable: true }) note!: string | null;
  @ApiProperty({ description: 'Of the box.', maximum: 9 })
  @Prop()
  height?: number;
  @Prop()
  @ApiProperty({ minimum: 1 })
  width?: number;
  @ApiProperty({ type: 'string', enum: ['s', 'm'] })
  @Prop()
  size?: string;
  @Prop() absent?: string;
  @Version() version!: number;
  @CreatedAt() createdAt!: Date;
  @UpdatedAt() updatedAt!: Date;
}

export class UpdateEverything extends PartialType(OmitType(Everything, ['id', 'version', 'createdAt', 'updatedAt'])) {}
export class Pick extends PickType(Everything, ['payment', 'places', 'owner']) {}
export class Search extends PartialType(PickType(Everything, ['owner', 'date', 'status'])) {}
