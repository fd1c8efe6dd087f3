import { describe, expect, it } from '@jest/globals';
import type { Binary, Decimal128, ObjectId } from 'mongodb';
import { op, type Fields, type Filter, type Path, type PathValue, type Sort } from '../../../lib/query/index.js';

class Address {
  city!: string;
  zip?: number | null;
  format() {
    return this.city;
  }
}

class LineItem {
  sku!: string;
  qty!: number;
  tags!: string[];
  origin!: Address;
}

/** Contains itself, in several ways. */
class Comment {
  id!: ObjectId;
  text!: string;
  author!: Address;
  parent?: Comment;
  replies!: Comment[];
  byLanguage!: Map<string, Comment>;
}

class Order {
  id!: ObjectId;
  status!: 'open' | 'paid';
  total!: number;
  placedAt!: Date;
  paid!: boolean;
  price!: Decimal128;
  photo!: Binary;
  note?: string | null;
  address!: Address;
  items!: LineItem[];
  tags!: string[];
  matrix!: number[][];
  watchers!: ObjectId[];
  roles!: Set<string>;
  stock!: Map<string, number>;
  offices!: Map<string, Address>;
  meta!: any;
  extra!: Record<string, unknown>;
  big!: bigint;
  protected secret = 1;
  get count() {
    return this.items.length;
  }
  pay() {
    return this.secret;
  }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isTrue = <_T extends true>() => undefined;
const filter = (_: Filter<Order>) => undefined;
const sort = (_: Sort<Order>) => undefined;
const fields = (_: Fields<Order>) => undefined;

// What follows is checked by the compiler (npm run types); at run time nothing happens.
describe('types of queries', () => {
  it('offers paths of data only', () => {
    const paths: Path<Order>[] = [
      ...(['id', 'status', 'address', 'address.city', 'items', 'items.sku', 'items.0', 'items.0.sku'] as const),
      ...(['items.origin.city', 'items.3.origin.city', 'tags.0', 'stock.de', 'meta.any.depth', 'extra.x'] as const),
    ];
    // @ts-expect-error a method
    paths.push('pay');
    // @ts-expect-error a method of an embedded class
    paths.push('address.format');
    // @ts-expect-error a protected member
    paths.push('secret');
    // @ts-expect-error an unknown field
    paths.push('address.street');
    // @ts-expect-error a date has no fields
    paths.push('placedAt.getTime');
    // @ts-expect-error neither has an ObjectId
    paths.push('id.toHexString');
    expect(paths).toContain('id');
  });

  it('knows the value at a path', () => {
    isTrue<Same<PathValue<Order, 'address.city'>, string>>();
    isTrue<Same<PathValue<Order, 'address.zip'>, number | null | undefined>>();
    isTrue<Same<PathValue<Order, 'items.qty'>, number>>();
    isTrue<Same<PathValue<Order, 'items.0'>, LineItem>>();
    isTrue<Same<PathValue<Order, 'items.0.qty'>, number>>();
    isTrue<Same<PathValue<Order, 'items.tags'>, string[]>>();
    isTrue<Same<PathValue<Order, 'stock.de'>, number>>();
    isTrue<Same<PathValue<Order, 'watchers.1'>, ObjectId>>();
    isTrue<Same<PathValue<Order, 'meta.x.y'>, any>>();
    isTrue<Same<PathValue<Order, 'extra.x'>, unknown>>();
    isTrue<Same<PathValue<Comment, 'parent.replies.0.text'>, string>>();
  });

  it('takes values of the fields', () => {
    filter({});
    filter({ id: '64b0c0c0c0c0c0c0c0c0c0c0', status: 'open', total: 5, paid: true, placedAt: new Date() });
    filter({ note: null, 'address.zip': null, 'address.city': 'Berlin', address: { city: 'Berlin' } });
    filter({ tags: 'a', 'tags.0': 'a', 'items.qty': 3, 'items.0.qty': 3, 'items.tags': 'x', matrix: [1, 2] });
    filter({ tags: ['a', 'b'], watchers: 'hex', roles: new Set(['a']), items: { sku: 'a' }, price: 1.5, big: 5 });
    filter({ stock: { de: 1 }, 'stock.de': 1, 'offices.hq.city': 'Berlin', meta: 1, 'meta.a.b': 'x', 'extra.y': 1 });
    // @ts-expect-error another type
    filter({ total: '5' });
    // @ts-expect-error a value that the enum lacks
    filter({ status: 'closed' });
    // @ts-expect-error an unknown field
    filter({ totall: 5 });
    // @ts-expect-error an unknown field of an embedded class
    filter({ 'address.town': 'x' });
    // @ts-expect-error of an embedded class, too
    filter({ address: { town: 'x' } });
    // @ts-expect-error an operator that op did not make
    filter({ total: { $gt: 5 } });
    // @ts-expect-error nor in an embedded value
    filter({ address: { $ne: null } });
    // @ts-expect-error nor at the top
    filter({ $or: [{ total: 5 }] });
    // @ts-expect-error a pattern is no value
    filter({ note: /x/ });
    // @ts-expect-error an entry of another type
    filter({ 'stock.de': 'x' });
    // @ts-expect-error an element of another type
    filter({ tags: 5 });
    // @ts-expect-error text is no filter
    filter('64b0c0c0c0c0c0c0c0c0c0c0');
    expect(filter).toBeDefined();
  });

  it('takes operators that fit the field', () => {
    filter({ total: op.gt(5), note: op.ne(null), placedAt: op.lte(new Date()), status: op.in(['open', 'paid']) });
    filter({ id: op.in(['hex', 'hex']), watchers: op.in(['hex']), tags: op.all(['a']), 'items.sku': op.nin(['a']) });
    filter({ note: op.exists(), meta: op.exists(false), tags: op.size(2), items: op.size(0), roles: op.size(1) });
    filter({ note: op.contains('x', { ignoreCase: true }), tags: op.startsWith('x'), 'address.city': op.matches(/x/) });
    filter({
      items: op.elemMatch({ sku: 'a', qty: op.gt(2), 'origin.city': 'Berlin' }),
      matrix: op.elemMatch(op.size(1)),
    });
    filter({ tags: op.elemMatch(op.startsWith('a')), items: op.not(op.elemMatch({ qty: 2 })) });
    filter({ total: op.not(op.gt(5)), note: op.not('x'), 'items.qty': op.mod(2, 0), big: op.mod(2n, 0n) });
    filter({ total: op.allOf(op.gte(1), op.lt(5)), address: op.raw({ $geoWithin: {} }), price: op.gt(5) });
    filter({ items: op.elemMatch(op.or({ sku: 'a' }, { qty: 2 })) });
    // @ts-expect-error compares with another type
    filter({ total: op.gt('5') });
    // @ts-expect-error text is searched, a number is not
    filter({ total: op.contains('5') });
    // @ts-expect-error one of the values is of another type
    filter({ total: op.in([1, '2']) });
    // @ts-expect-error no array
    filter({ total: op.size(2) });
    // @ts-expect-error no array
    filter({ total: op.elemMatch({ sku: 'a' }) });
    // @ts-expect-error the elements have no such field
    filter({ items: op.elemMatch({ total: 2 }) });
    // @ts-expect-error the negation fits no better
    filter({ total: op.not(op.gt('5')) });
    // @ts-expect-error a pattern is given to op.matches
    filter({ note: op.contains(/x/) });
    // @ts-expect-error an operator's name starts with $
    filter({ note: op.raw({ gt: 5 }) });
    expect(op).toBeDefined();
  });

  it('joins filters of one class', () => {
    filter(op.or({ status: 'open' }, { total: op.gt(5) }));
    filter(op.and({ status: 'open' }, op.or({ total: 1 }, op.nor({ total: 2 }))));
    const apart = op.or<Order>({ status: 'open' }, { 'address.city': 'x' });
    filter(op.and(apart, { total: 1 }));
    // @ts-expect-error a field that the class lacks
    filter(op.or({ totall: 5 }));
    // @ts-expect-error a value of another type
    filter(op.and({ status: 'open' }, { total: '5' }));
    // @ts-expect-error a group is no value
    filter({ total: op.or({ total: 5 }) });
    // @ts-expect-error filters are given one by one
    filter(op.or([{ total: 5 }]));
    // @ts-expect-error filters of another class
    filter(op.or<Address>({ city: 'x' }));
    expect(apart).toBeDefined();
  });

  it('types sorts and choices of fields', () => {
    sort({ total: 1, 'address.city': 'desc', placedAt: -1, 'stock.de': 'asc' });
    fields(['id', 'items.sku', 'address.city', 'stock.de']);
    // @ts-expect-error an unknown direction
    sort({ total: 2 });
    // @ts-expect-error an unknown field
    sort({ totall: 1 });
    // @ts-expect-error a method
    fields(['pay']);
    // @ts-expect-error an unknown field
    fields(['items.price']);
    expect(sort).toBeDefined();
  });

  it('stays usable where the class is not known', () => {
    const anything = (_: Filter<any>) => undefined;
    anything({ whatever: 5, 'a.b': op.gt(3) });
    const generic = <T extends object>(given: Filter<T>) => given;
    generic<Order>({ total: 5 });
    const nested = (_: Filter<Comment>) => undefined;
    nested({ 'replies.replies.replies.text': 'x', 'parent.author.city': 'y', 'byLanguage.de': null });
    expect(generic({})).toEqual({});
  });
});
