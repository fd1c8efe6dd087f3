import { Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import { Embedded, Entity, entityMapOf, Id, Prop, Version } from '../../../lib/mapping/index.js';

@Embedded()
export class Address {
  @Prop({ name: 'town' }) city!: string;
  @Prop() zip!: number;
}

@Embedded({ key: 'sku' })
export class LineItem {
  @Prop({ name: 'stock_number' }) sku!: string;
  @Prop() qty!: number;
  @Prop(() => [String]) tags!: string[];
  @Prop({ type: Set, of: String }) roles!: Set<string>;
  @Prop(() => [Address]) origins!: Address[];
}

@Embedded({ discriminator: 'kind' })
export class Payment {
  @Prop() amount!: number;
}

@Embedded({ discriminatorValue: 'card' })
export class CardPayment extends Payment {
  @Prop({ name: 'card_number' }) number!: string;
}

@Entity({ collection: 'orders', shardKey: { tenant: 1 } })
export class Order {
  @Id() id!: ObjectId;
  @Prop() tenant!: string;
  @Prop({ name: 'customer_id' }) customer!: ObjectId;
  @Prop({ type: String, enum: ['open', 'paid'] }) status!: 'open' | 'paid';
  @Prop() total!: number;
  @Prop() paid!: boolean;
  @Prop() placedAt!: Date;
  @Prop() price!: Decimal128;
  @Prop() big!: bigint;
  @Prop() long!: Long;
  @Prop() token!: UUID;
  @Prop() photo!: Binary;
  @Prop() bytes!: Buffer;
  @Prop() pattern!: RegExp;
  @Prop({ nullable: true, type: String }) note!: string | null;
  @Prop() address!: Address;
  @Prop(() => [LineItem]) items!: LineItem[];
  @Prop(() => Payment) payment!: Payment;
  @Prop(() => [Payment]) payments!: Payment[];
  @Prop(() => [String]) tags!: string[];
  @Prop({ type: () => [Number], name: 'scores' }) points!: number[];
  @Prop({ type: [[Number]] }) matrix!: number[][];
  @Prop(() => [ObjectId]) watchers!: ObjectId[];
  @Prop({ type: Set, of: String }) roles!: Set<string>;
  @Prop({ type: Map, of: Number }) stock!: Map<string, number>;
  @Prop({ type: Map, of: Address }) offices!: Map<string, Address>;
  @Prop({ type: Object }) meta!: any;
  @Version({ name: 'v' }) version!: number;
  pay() {
    return this.total;
  }
}

@Entity({ collection: 'animals', discriminator: 'species' })
export class Animal {
  @Id() id!: ObjectId;
  @Prop() name!: string;
}

@Entity()
export class Dog extends Animal {
  @Prop() breed!: string;
}

@Entity({ discriminatorValue: 'puppy' })
export class Puppy extends Dog {
  @Prop() weeks!: number;
}

@Entity({ discriminatorValue: 'cat' })
export class Cat extends Animal {
  @Prop() species!: string;
}

export const orders = entityMapOf(Order);
