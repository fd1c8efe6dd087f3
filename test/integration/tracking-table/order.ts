import 'reflect-metadata';
import { Decimal128, ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop } from '../../../lib/mapping/index.js';

@Embedded()
export class Geo {
  @Prop() lat?: number;
  @Prop() lon?: number;
}

@Embedded()
export class Address {
  @Prop() street!: string;
  @Prop() city!: string;
  @Prop() geo?: Geo;
  @Prop(() => [String]) lines?: string[];
}

@Embedded({ key: 'sku' })
export class Item {
  @Prop() sku!: string;
  @Prop() qty!: number;
  @Prop() note?: string;
  @Prop(() => [String]) marks?: string[];
}

@Embedded()
export class Point {
  @Prop() x!: number;
  @Prop() y!: number;
  @Prop() label?: string;
}

@Embedded({ discriminator: 'kind' })
export abstract class Payment {
  @Prop() kind!: string;
}

@Embedded({ discriminatorValue: 'card' })
export class Card extends Payment {
  @Prop() number!: string;
  @Prop() holder!: string;
}

@Embedded({ discriminatorValue: 'transfer' })
export class Transfer extends Payment {
  @Prop() iban!: string;
}

/** What the rows of docs/tracking.md change; its peers have schemas of the same names, in bench/tracking-rows. */
@Entity({ collection: 'orders' })
export class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop(() => String, { nullable: true }) note?: string | null;
  @Prop(() => String) status = 'new';
  @Prop() total!: number;
  @Prop() count!: number;
  @Prop() paid!: boolean;
  @Prop() owner!: ObjectId;
  @Prop() price!: Decimal128;
  @Prop() serial!: bigint;
  @Prop() placedAt?: Date;
  @Prop(() => [Date]) reminders!: Date[];
  @Prop() data?: Buffer;
  @Prop() address?: Address;
  @Prop() billing?: Address;
  @Prop() payment?: Payment;
  @Prop(() => [Item]) items!: Item[];
  @Prop(() => [Point]) points!: Point[];
  @Prop(() => [String]) tags?: string[];
  @Prop(() => [String]) extras?: string[];
  @Prop(() => [Number]) scores!: number[];
  @Prop(() => [[Number]]) grid!: number[][];
  @Prop({ type: Map, of: Number }) stock?: Map<string, number>;
  @Prop({ type: Map, of: Point }) spots!: Map<string, Point>;
  @Prop({ type: Set, of: String }) roles!: Set<string>;
  @Prop({ type: Object }) meta: unknown;
  @Prop({ merge: 'sum' }) views?: number;
  @Prop({ merge: 'max' }) best!: number;
  @Prop({ merge: 'min' }) cheapest!: number;
  @Prop({ type: () => [String], merge: 'set' }) labels!: string[];
}
