import 'reflect-metadata';
import { ObjectId } from 'mongodb';
import { CreatedAt, Embedded, Entity, Id, Prop, UpdatedAt, Version } from '../../../lib/mapping/index.js';

@Embedded()
export class Address {
  @Prop() city!: string;
  @Prop({ name: 'str' }) street?: string;
}

@Embedded({ key: 'sku' })
export class LineItem {
  @Prop() sku!: string;
  @Prop() qty!: number;
  @Prop() note?: string;

  get doubled(): number {
    return this.qty * 2;
  }
}

@Embedded()
export class Point {
  @Prop() x!: number;
  @Prop() y!: number;
}

/** Guarded field by field. */
@Entity({ collection: 'orders' })
export class Order {
  @Id() id!: ObjectId;
  @Prop({ name: 'customer_id' }) customer!: string;
  @Prop() status: string = 'new';
  @Prop({ type: String, nullable: true }) note?: string | null;
  @Prop() total?: number;
  @Prop(() => [LineItem]) items!: LineItem[];
  @Prop(() => [String]) tags?: string[];
  @Prop(() => [Point]) points?: Point[];
  @Prop() address?: Address;
  @Prop({ type: Map, of: Number }) stock?: Map<string, number>;
  @Prop({ type: Object }) meta?: Record<string, unknown>;
  @Prop() placedAt?: Date;
  @Prop() file?: Buffer;
  @Prop({ merge: 'sum' }) views?: number;

  get count(): number {
    return this.items.length;
  }
}

/** Guarded by a version; with times. */
@Entity({ collection: 'products' })
export class Product {
  @Id() id!: ObjectId;
  @Prop() name!: string;
  @Prop() stock!: number;
  @Prop(() => [String]) tags?: string[];
  @Prop({ merge: 'sum' }) views?: number;
  @Prop({ merge: 'max' }) best?: number;
  @Version() version!: number;
  @CreatedAt() createdAt!: Date;
  @UpdatedAt() updatedAt!: Date;
}

/** Last write wins. */
@Entity({ collection: 'notes', concurrency: 'none' })
export class Note {
  @Id() id!: ObjectId;
  @Prop() text!: string;
  @Prop(() => [String]) lines?: string[];
}
