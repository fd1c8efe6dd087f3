import 'reflect-metadata';
import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop } from '../../../lib/mapping/index.js';

@Embedded()
export class ForkPlace {
  @Prop() city!: string;
  @Prop({ name: 'str' }) street!: string;
}

@Embedded({ key: 'sku' })
export class ForkLine {
  @Prop() sku!: string;
  @Prop() qty!: number;
}

/** A field of each kind that a union treats by a rule of its own. */
@Entity({ collection: 'forked' })
export class Forked {
  @Id() id!: ObjectId;
  @Prop() text?: string;
  @Prop({ name: 'n' }) num?: number;
  @Prop() place!: ForkPlace;
  @Prop(() => [ForkLine]) lines!: ForkLine[];
  @Prop(() => [String]) tags!: string[];
  @Prop({ type: Map, of: Number }) stock!: Map<string, number>;
  @Prop({ merge: 'sum' }) views!: number;
  @Prop({ type: () => [String], merge: 'set' }) labels!: string[];
}

/** What every case's documents hold at first. */
export function initial(): Omit<Forked, 'id'> {
  return {
    text: 'text',
    num: 0,
    place: { city: 'city', street: 'street' },
    lines: [
      { sku: 'a', qty: 1 },
      { sku: 'b', qty: 2 },
      { sku: 'c', qty: 3 },
    ],
    tags: ['t'],
    stock: new Map([
      ['k', 1],
      ['l', 2],
    ]),
    views: 10,
    labels: ['l'],
  };
}
