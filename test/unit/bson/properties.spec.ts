import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { BSON, Binary, Decimal128, Long, ObjectId, UUID } from 'mongodb';
import { sameAny, decodeAny } from '../../../lib/bson/codecs/any.js';
import { DocumentCodec } from '../../../lib/bson/document-codec.js';
import { documentEnd } from '../../../lib/bson/elements.js';
import { Layout } from '../../../lib/bson/layout.js';
import { RawValue, encodeValue } from '../../../lib/bson/raw-value.js';
import { isCowError } from '../../../lib/errors/index.js';
import { Embedded, Entity, Id, Prop, entityMapOf } from '../../../lib/mapping/index.js';
import {
  anyDamage,
  anyDocument,
  anyElements,
  anyName,
  anyRegex,
  anyStored,
  arrayOf,
  damaged,
  documentOf,
  objectOf,
  storedValue,
  type StoredElement,
  type StoredValue,
} from '../../support/arbitrary-bson.js';
import { FACTOR, SEED, check } from '../../support/property.js';

jest.setTimeout(120_000 * FACTOR); // a busy machine is no failure

/** The options that the driver deserialises with when the application sets none. */
const DRIVER: BSON.DeserializeOptions = {
  ...{ raw: false, promoteLongs: true, promoteValues: true, promoteBuffers: false, useBigInt64: false },
  ...{ bsonRegExp: false, ignoreUndefined: false, validation: { utf8: true } },
};

@Embedded()
class Anything {
  @Prop({ type: Object }) value: unknown;
}

@Entity()
class Free {
  @Id() id!: ObjectId;
  @Prop({ type: Object }) meta: unknown;
  @Prop(() => [Object]) list!: unknown[];
  @Prop({ type: Map, of: Object }) map!: Map<string, unknown>;
  @Prop(() => [Anything]) boxes!: Anything[];
}

const free = DocumentCodec.of(entityMapOf(Free));
const field = (name: string) => free.map.byProperty.get(name)!;

/** Everything that can be seen of a value: its classes, the order of its keys, the sign of its zeros. */
function shown(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity, showHidden: false });
}

function rawOf({ type, bytes }: StoredValue): RawValue {
  return new RawValue(type, bytes, 0, bytes.length);
}

function hexOf(raw: RawValue): string {
  return `${raw.type}:${raw.bytes.toString('hex', raw.start, raw.end)}`;
}

describe(`on random documents (seed ${SEED})`, () => {
  it('free-form values decode as the driver decodes them', () => {
    check(
      fc.property(anyDocument, (bytes) => {
        expect(shown(decodeAny(RawValue.ofDocument(bytes), ''))).toBe(shown(BSON.deserialize(bytes, DRIVER)));
      }),
      2000,
    );
  });

  it('what is decoded twice is equal, patterns of other drivers included', () => {
    check(
      fc.property(fc.oneof(anyStored, anyRegex), (one) => {
        const raw = rawOf(one);
        expect(sameAny(decodeAny(raw, ''), decodeAny(raw, ''))).toBe(true);
      }),
      1000,
    );
  });

  it('a change anywhere makes a difference', () => {
    check(
      fc.property(anyDocument, fc.nat(), fc.nat(), (bytes, where, how) => {
        const original = decodeAny(RawValue.ofDocument(bytes), '');
        const changed = decodeAny(RawValue.ofDocument(bytes), '');
        if (!(changed instanceof Object) || changed.constructor !== Object) return; // a DBRef
        mutate(changed as Record<string, unknown>, where, how);
        expect(sameAny(original, changed)).toBe(false);
        expect(sameAny(changed, original)).toBe(false);
      }),
      1000,
    );
  });

  it('what is unchanged is sent as the bytes it was', () => {
    check(
      fc.property(anyStored, (one) => {
        const raw = rawOf(one);
        if (one.type === 6) return; // undefined is absent
        for (const name of ['meta', 'list', 'map', 'boxes']) {
          const again = encodeValue(free.encode(field(name), free.decode(field(name), raw), raw));
          expect(hexOf(again)).toBe(hexOf(raw));
        }
      }),
      500,
    );
  });

  it('what stands beside a change keeps its bytes, in objects, arrays, Maps and embedded values', () => {
    check(
      fc.property(anyElements, anyStored, (others, one) => {
        const elements = others.filter(({ name }) => name !== 'x');
        const object = objectOf([...elements, { name: 'x', ...storedValue.int32(1) }]);
        if (decodeAny(rawOf(object), '') instanceof BSON.DBRef) return;

        const meta = free.decode(field('meta'), rawOf(object)) as Record<string, unknown>;
        meta.x = 2;
        expect(fieldsOf(free.encode(field('meta'), meta, rawOf(object)), 'x')).toEqual(namedBytes(elements));

        const map = free.decode(field('map'), rawOf(object)) as Map<string, unknown>;
        map.set('x', 2);
        expect(fieldsOf(free.encode(field('map'), map, rawOf(object)), 'x')).toEqual(namedBytes(elements));

        const array = arrayOf([one, ...elements, one]);
        for (const name of ['meta', 'list']) {
          const list = free.decode(field(name), rawOf(array)) as unknown[];
          list.unshift('new');
          const again = encodeValue(free.encode(field(name), list, rawOf(array)))
            .elements()
            .slice(1);
          expect(again.map(hexOf)).toEqual(rawOf(array).elements().map(hexOf).map(undefinedMoved(again)));
        }

        const boxes = arrayOf([objectOf([{ name: 'value', ...one }, ...elements.filter((e) => e.name !== 'value')])]);
        const list = free.decode(field('boxes'), rawOf(boxes)) as Anything[];
        list.push(new Anything());
        const [box] = encodeValue(free.encode(field('boxes'), list, rawOf(boxes))).elements();
        expect(hexOf(box!)).toBe(hexOf(rawOf(boxes).elements()[0]!));
      }),
      500,
    );
  });

  it('elements that are moved, changed or removed keep what their class does not declare', () => {
    check(
      fc.property(
        fc.array(anyElements, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.boolean(),
        (objects, picks, change) => {
          const hidden = objects.map((elements) => elements.filter(({ name }) => name !== 'value'));
          const boxes = arrayOf(
            hidden.map((elements, index) => objectOf([{ name: 'value', ...storedValue.int32(index) }, ...elements])),
          );
          const list = free.decode(field('boxes'), rawOf(boxes)) as Anything[];
          const order = [...new Set(picks.map((pick) => pick % list.length))];
          const moved = order.map((index) => list[index]!);
          if (change) for (const box of moved) box.value = 'changed';
          const again = encodeValue(free.encode(field('boxes'), moved, rawOf(boxes))).elements();
          expect(again.map((box) => fieldsOf(box, 'value'))).toEqual(order.map((index) => namedBytes(hidden[index]!)));
        },
      ),
      500,
    );
  });
});

describe(`declared fields, whatever is stored in them (seed ${SEED})`, () => {
  @Embedded({ key: 'k' })
  class Keyed {
    @Prop() k!: string;
    @Prop(() => [Number]) a!: number[];
  }
  @Entity()
  class Declared {
    @Id() id!: ObjectId;
    @Prop() string!: string;
    @Prop() number!: number;
    @Prop() boolean!: boolean;
    @Prop() date!: Date;
    @Prop() decimal128!: Decimal128;
    @Prop() bigint!: bigint;
    @Prop() long!: Long;
    @Prop() binary!: Binary;
    @Prop() buffer!: Buffer;
    @Prop() uuid!: UUID;
    @Prop() regexp!: RegExp;
    @Prop() keyed!: Keyed;
    @Prop(() => [Keyed]) list!: Keyed[];
    @Prop(() => [[Number]]) matrix!: number[][];
    @Prop({ type: Map, of: [String] }) map!: Map<string, string[]>;
    @Prop({ type: Set, of: Date }) set!: Set<Date>;
  }
  const codec = DocumentCodec.of(entityMapOf(Declared));
  const readable = (raw: RawValue, each: (typeof codec.map.fields)[number]) => {
    try {
      return codec.decode(each, raw);
    } catch (error) {
      if (isCowError(error, 'UnsafeInteger')) return undefined;
      throw error;
    }
  };

  it('are equal when read twice, keep their bytes, and have a JSON form', () => {
    check(
      fc.property(anyStored, (one) => {
        const raw = rawOf(one);
        for (const each of codec.map.fields) {
          const value = readable(raw, each);
          if (value === undefined) continue;
          expect(codec.equals(each, value, readable(raw, each))).toBe(true);
          expect(hexOf(encodeValue(codec.encode(each, value, raw)))).toBe(hexOf(raw));
          expect(() => JSON.stringify(codec.toJson({ [each.property]: value }))).not.toThrow();
        }
      }),
      500,
    );
  });

  it('keep the bytes of what stays when an element is taken away', () => {
    const one = fc.oneof(anyStored, anyElements.map(objectOf));
    check(
      fc.property(fc.array(one, { minLength: 2, maxLength: 5 }), fc.nat(), (values, which) => {
        const array = arrayOf(values);
        const names = ['list', 'matrix', 'set'];
        for (const each of codec.map.fields.filter(({ property }) => names.includes(property))) {
          const value = readable(rawOf(array), each);
          if (value === undefined || values.some(({ type }) => type === 6)) continue; // undefined stays in its place only
          const left = [...(value as Iterable<unknown>)];
          if (left.length !== values.length) continue; // a Set holds equal values once
          const [gone] = left.splice(which % left.length, 1);
          const isDoubled = left.some((other) => sameAny(other, gone));
          const again = codec.encode(each, each.property === 'set' ? new Set(left) : left, rawOf(array));
          const kept = values.filter((_, index) => index !== which % values.length).map(rawOf);
          if (!isDoubled) expect(encodeValue(again).elements().map(hexOf)).toEqual(kept.map(hexOf));
        }
      }),
      500,
    );
  });
});

describe(`the layout of a document (seed ${SEED})`, () => {
  const names = ['a', 'b', 'name', 'é', '日本', '_bsontype', 'a\x07b', '\x07', 'items'];

  @Entity()
  class Wide {
    @Id() id!: ObjectId;
    @Prop({ type: Object, name: names[0]! }) p0: unknown;
    @Prop({ type: Object, name: names[1]! }) p1: unknown;
    @Prop({ type: Object, name: names[2]! }) p2: unknown;
    @Prop({ type: Object, name: names[3]! }) p3: unknown;
    @Prop({ type: Object, name: names[4]! }) p4: unknown;
    @Prop({ type: Object, name: names[5]! }) p5: unknown;
    @Prop({ type: Object, name: names[6]! }) p6: unknown;
    @Prop({ type: Object, name: names[7]! }) p7: unknown;
    @Prop({ type: Object, name: names[8]! }) p8: unknown;
  }
  const map = entityMapOf(Wide);
  const layout = new Layout(map);

  it('is found whatever the order of the fields, with some missing, doubled or unknown', () => {
    const one = fc.tuple(fc.oneof(fc.constantFrom('_id', ...names), anyName), anyStored);
    check(
      fc.property(fc.array(one, { maxLength: 14 }), fc.uint8Array({ maxLength: 9 }), (entries, junk) => {
        const elements: StoredElement[] = entries.map(([name, value]) => ({ name, ...value }));
        const bytes = Buffer.concat([junk, documentOf(elements), junk]);
        const positions = layout.index(bytes, junk.length);
        for (const each of map.fields) {
          const last = elements.findLast(({ name }) => name === each.stored);
          const found = layout.rawValue(bytes, positions, each);
          expect(found && hexOf(found)).toEqual(last && hexOf(rawOf(last)));
        }
      }),
      1000,
    );
  });

  it('gives what js-bson gives', () => {
    check(
      fc.property(anyDocument, (bytes) => {
        const theirs = BSON.deserialize(bytes, DRIVER);
        if (theirs instanceof BSON.DBRef) return;
        const positions = layout.index(bytes, 0);
        for (const each of map.fields) {
          const found = layout.rawValue(bytes, positions, each);
          expect(found !== undefined).toBe(Object.hasOwn(theirs, each.stored));
          if (found !== undefined) expect(shown(decodeAny(found, ''))).toBe(shown(theirs[each.stored]));
        }
      }),
      500,
    );
  });
});

describe(`bytes that were damaged (seed ${SEED})`, () => {
  const damages = fc.array(anyDamage, { minLength: 1, maxLength: 3 });

  it('are accepted and refused as js-bson does, with its kind of error', () => {
    let accepted = 0;
    check(
      fc.property(anyDocument, damages, fc.boolean(), (bytes, damage, repair) => {
        const broken = damaged(bytes, damage, repair);
        const theirs = outcome(() => BSON.deserialize(broken, DRIVER));
        const ours = outcome(() => {
          if (documentEnd(broken, 0) !== broken.length) throw new BSON.BSONError('more than a document');
          return decodeAny(RawValue.ofDocument(broken), '');
        });
        if (theirs.error instanceof Error && theirs.error.name === 'SyntaxError') return; // a pattern JavaScript lacks
        if (theirs.error === undefined) accepted++;
        expect(ours.error).toEqual(theirs.error === undefined ? undefined : expect.any(BSON.BSONError));
        if (theirs.error === undefined) expect(shown(ours.value)).toBe(shown(theirs.value));
        else expect(theirs.error).toBeInstanceOf(BSON.BSONError);
      }),
      5000,
    );
    expect(accepted).toBeGreaterThan(200);
  });

  it('never break a reader of declared fields in another way', () => {
    check(
      fc.property(anyElements, damages, (elements, damage) => {
        const broken = damaged(
          documentOf([...elements, { name: 'boxes', ...arrayOf([objectOf(elements)]) }]),
          damage,
          true,
        );
        const { error } = outcome(() => JSON.stringify(free.toJson(free.decodeInstance(broken))));
        if (error !== undefined && !isCowError(error)) expect(error).toBeInstanceOf(BSON.BSONError);
      }),
      1000,
    );
  });

  it('in a document say nothing about those around it in one buffer', () => {
    check(
      fc.property(anyDocument, anyDocument, damages, (before, bytes, damage) => {
        const broken = damaged(bytes, damage, true);
        if (broken.length < 5) return;
        const batch = Buffer.concat([before, broken, Buffer.alloc(40, 1)]);
        const alone = outcome(() => shown(decodeAny(RawValue.ofDocument(broken), '')));
        const inside = outcome(() => shown(decodeAny(RawValue.ofDocument(batch, before.length), '')));
        expect(inside.value).toBe(alone.value);
        expect(inside.error === undefined).toBe(alone.error === undefined);
      }),
      1000,
    );
  });
});

function outcome<T>(call: () => T): { value?: T; error?: unknown } {
  try {
    return { value: call() };
  } catch (error) {
    return { error };
  }
}

/** The fields of an encoded object but one, as they are stored, by name. */
function fieldsOf(encoded: unknown, but: string): [string, string][] {
  return [...encodeValue(encoded).fields()].filter(([name]) => name !== but).map(([name, raw]) => [name, hexOf(raw)]);
}

function namedBytes(elements: readonly StoredElement[]): [string, string][] {
  return elements.map((element) => [element.name, hexOf(rawOf(element))]);
}

/** The deprecated undefined in an array is kept at its position only: moved, it becomes null as any undefined does. */
function undefinedMoved(again: readonly RawValue[]) {
  return (hex: string, index: number) => (hex === '6:' && again[index]?.type === 10 ? '10:' : hex);
}

/** Changes one thing somewhere in the object: a value, a key, an element, a Date or bytes in place. */
function mutate(root: Record<string, unknown>, where: number, how: number): void {
  const places: (() => void)[] = [() => (root['new key'] = how)];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      places.push(() => value.push(how));
      if (value.length > 0) places.push(() => value.pop());
      for (const [index, inner] of value.entries()) {
        places.push(() => (value[index] = new ObjectId()));
        visit(inner);
      }
    } else if (value instanceof Date) {
      if (!Number.isNaN(value.getTime())) places.push(() => value.setTime(value.getTime() === 0 ? 1 : 0));
    } else if (value instanceof BSON.Binary) {
      if (value.length() > 0) places.push(() => (value.buffer[how % value.length()]! ^= 1));
    } else if (typeof value === 'object' && value !== null && value.constructor === Object) {
      for (const [key, inner] of Object.entries(value)) {
        places.push(() => Object.defineProperty(value, key, { value: new ObjectId(), enumerable: true }));
        if (inner !== undefined) places.push(() => delete (value as Record<string, unknown>)[key]);
        visit(inner);
      }
    }
  };
  visit(root);
  places[where % places.length]!();
}
