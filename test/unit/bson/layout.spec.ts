import { describe, expect, it } from '@jest/globals';
import { BSON, ObjectId } from 'mongodb';
import { decodeAny } from '../../../lib/bson/codecs/any.js';
import { Layout } from '../../../lib/bson/layout.js';
import { Entity, Id, Prop, entityMapOf } from '../../../lib/mapping/index.js';
import { documentOf, storedValue, type StoredElement } from '../../support/arbitrary-bson.js';

@Entity()
class Order {
  @Id() id!: ObjectId;
  @Prop() a!: number;
  @Prop({ name: 'bb' }) b!: number;
  @Prop({ name: 'étage' }) floor!: number;
  @Prop({ name: '日本' }) japan!: number;
  @Prop({ name: '__proto__' }) proto!: number;
  @Prop({ name: 'constructor' }) maker!: number;
}

const map = entityMapOf(Order);
const layout = new Layout(map);
const NAMES = ['_id', 'a', 'bb', 'étage', '日本', '__proto__', 'constructor'];

/** A document with a number under each name, counted from 1. */
function numbered(...names: string[]): Buffer {
  return documentOf(names.map((name, index) => ({ name, ...storedValue.int32(index + 1) })));
}

function read(bytes: Buffer, start = 0): Record<string, unknown> {
  const positions = layout.index(bytes, start);
  const found = map.fields.flatMap((field) => {
    const raw = layout.rawValue(bytes, positions, field);
    return raw === undefined ? [] : [[field.property, decodeAny(raw, '')] as const];
  });
  return Object.fromEntries(found);
}

describe('the layout of a document', () => {
  it('is found in the declared order, the reverse, and any other', () => {
    expect(read(numbered(...NAMES))).toEqual({ id: 1, a: 2, b: 3, floor: 4, japan: 5, proto: 6, maker: 7 });
    expect(read(numbered(...NAMES.toReversed()))).toEqual({
      id: 7,
      a: 6,
      b: 5,
      floor: 4,
      japan: 3,
      proto: 2,
      maker: 1,
    });
    expect(read(numbered('bb', '_id', 'étage', 'a'))).toEqual({ b: 1, id: 2, floor: 3, a: 4 });
  });

  it('leaves out what is missing or unknown, near misses included', () => {
    expect(read(numbered())).toEqual({});
    expect(read(numbered('_id', 'b', 'aa', '', 'A', 'e\u0301tage', '日', '_idx', 'bb'))).toEqual({ id: 1, b: 9 });
  });

  it('has the last of several of one name, as js-bson has', () => {
    const bytes = numbered('a', 'bb', 'a', '_id', 'a');
    expect(read(bytes)).toEqual({ a: 5, b: 2, id: 4 });
    expect(BSON.deserialize(bytes)).toEqual({ a: 5, bb: 2, _id: 4 });
  });

  it('is found in the middle of a buffer', () => {
    const bytes = numbered('étage', 'a');
    expect(read(Buffer.concat([Buffer.alloc(11, 255), bytes, bytes]), 11)).toEqual({ floor: 1, a: 2 });
  });

  it('is not found in what is malformed, even beyond the declared fields', () => {
    const broken: StoredElement[] = [
      { name: '_id', ...storedValue.int32(1) },
      { name: 'unknown', type: 2, bytes: Buffer.from('ff000000', 'hex') },
    ];
    expect(() => read(documentOf(broken))).toThrow(BSON.BSONError);
  });
});
