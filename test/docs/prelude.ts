// What the examples of the docs begin with, where they do not declare it themselves.
import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { IsInt, IsString, Min } from 'class-validator';
import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop, type Repository, type UnitOfWork } from '../../lib/index.js';
import type { CowTesting } from '../../lib/testing/index.js';

@Embedded({ key: 'sku' })
export class LineItem {
  @Prop() sku!: string;
  @Prop() name?: string;
  @Prop() qty!: number;
  @Prop() price!: number;
}

@Embedded()
export class Address {
  @Prop() street!: string;
  @Prop() city!: string;
  @Prop() country?: string;
}

/** Elements without a key. */
@Embedded()
export class Point {
  @Prop() x!: number;
  @Prop() y!: number;
}

@Entity({ collection: 'orders' })
export class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop() status!: string;
  @Prop() note?: string;
  @Prop() address!: Address;
  @Prop(() => [LineItem]) items: LineItem[] = [];
  @Prop(() => [String]) tags: string[] = [];
  @Prop({ type: Map, of: Number }) stock!: Map<string, number>;
  @Prop({ merge: 'sum' }) views!: number;
  @Prop() placedAt!: Date;
  @Prop({ type: Object }) meta!: Record<string, unknown>;
  @Prop(() => [Point]) points!: Point[];
}

@Entity({ collection: 'products' })
export class Product {
  @Id() id!: ObjectId;
  @Prop() @IsString() sku!: string;
  @Prop() @IsString() name!: string;
  @Prop() @IsInt() @Min(0) price!: number;
}

/** What the runnable examples find in the database, but for the id. */
export const stored = {
  ...{ customer: 'Ada', status: 'new', note: 'ring twice', address: { street: 'Ring 1', city: 'Wien' } },
  items: [
    { sku: 'a', qty: 1, price: 5 },
    { sku: 'b', qty: 2, price: 3 },
  ],
  ...{ tags: ['red', 'big'], stock: { graz: 4, wien: 7 }, views: 10 },
  ...{ placedAt: new Date('2026-01-02T03:04:05Z'), meta: { theme: 'dark', flags: { beta: true } }, legacy: 1 },
  points: [5, 6, 7].map((x) => ({ x, y: 0, legacy: x })),
};

/** Names that the examples use without declaring them. */
export interface Given {
  id: string;
  order: Order;
  other: Order;
  orders: Repository<Order>;
  unitOfWork: UnitOfWork;
  app: INestApplication;
  testing: CowTesting;
  dto: { note?: string; status?: string };
  item: LineItem;
  minimum: number;
  fork: UnitOfWork;
  rows: { id: string; status: string }[];
}

/** `this`, for examples that stand in a class without showing it. */
export class Guide {
  constructor(
    readonly orders: Repository<Order>,
    readonly products: Repository<Product>,
    readonly unitOfWork: UnitOfWork,
    readonly reserve: (order: Order) => Promise<void>,
  ) {}
}
