import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal128, Double, Int32, Long, ObjectId, type Document } from 'mongodb';
import { RawValue, decodeByDriver, encodeDocument, encodeValue } from '../../../lib/bson/raw-value.js';
import { advance } from '../../../lib/flush/advance.js';
import {
  arrayFilters,
  inStatements,
  toUpdateDocument,
  type Guard,
  type PathChange,
} from '../../../lib/flush/change.js';
import { brokenGuards } from '../../../lib/flush/guard-check.js';
import { guardedFilter } from '../../../lib/flush/guard-filter.js';
import { useWorld } from '../support/world.js';

// What is computed here must be what the server computes. Each run prints what failed, with its seed, by fast-check.

const world = useWorld();
const SIMPLE = { locale: 'simple' };

const text = fc.constantFrom('', 'a', 'A', 'b', '$a');
const number = fc.constantFrom<unknown>(
  ...[0, 1, 5, new Double(5), new Double(0.5), new Double(-0), Number.NaN, Long.fromNumber(5)],
  ...[Long.fromString('9007199254740993'), new Double(9007199254740992), 2 ** 31],
  ...[Decimal128.fromString('5.00'), Decimal128.fromString('0.5'), Decimal128.fromString('NaN')],
);
const scalar = fc.oneof(
  text,
  number,
  fc.constantFrom<unknown>(null, true, false, new Date(5), new ObjectId('0123456789abcdef01234567'), /a/i),
  fc.constantFrom<unknown>(Buffer.from([1]), Buffer.from([])),
);
const { value } = fc.letrec((tie) => ({
  array: fc.array(tie('value'), { maxLength: 2 }),
  object: fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'x'), tie('value')), { selector: ([key]) => key, maxLength: 2 })
    .map((entries) => Object.fromEntries(entries) as unknown),
  value: fc.oneof({ maxDepth: 2 }, { arbitrary: scalar, weight: 3 }, tie('array'), tie('object')),
}));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 5 });

describe('guards in a filter and guards that are compared', () => {
  const key = fc.constantFrom<unknown>('x', 'y', 1, new Double(1), null);
  const element = fc.record({ k: key, q: value, r: value }, { requiredKeys: [] });
  const list = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.array(fc.oneof({ weight: 5, arbitrary: element }, { weight: 1, arbitrary: value }), {
        maxLength: 3,
      }),
    },
    { weight: 1, arbitrary: value },
  );
  const document = fc.record({
    f: maybe(value),
    o: maybe(fc.oneof(fc.record({ f: maybe(value) }), value)),
    l: maybe(list),
  });

  const raw = (one: unknown) => (one === undefined ? undefined : encodeValue(one));
  const whole = (one: unknown) => encodeValue(one === undefined ? null : one);
  const isDefined = (one: unknown) => one !== undefined && one !== null;

  /** A set of guards as the comparison makes them: what leads to a value is guarded to be an object still. */
  const guards: fc.Arbitrary<Guard[]> = fc.oneof(
    maybe(value).map((v): Guard[] => [{ kind: 'value', path: 'f', field: 'f', original: raw(v) }]),
    maybe(value).map((v): Guard[] => [
      { kind: 'object', path: 'o', field: 'o' },
      { kind: 'value', path: 'o.f', field: 'o.f', original: raw(v) },
    ]),
    fc.constantFrom<Guard[]>(
      [{ kind: 'object', path: 'o', field: 'o' }],
      [{ kind: 'array', path: 'l', field: 'l' }],
      [{ kind: 'array', path: 'f', field: 'f' }],
    ),
    key.filter(isDefined).map((k): Guard[] => [
      { kind: 'absentKey', path: 'l', field: 'l', key: 'k', value: whole(k) },
      { kind: 'array', path: 'l', field: 'l' },
    ]),
    fc.tuple(key.filter(isDefined), maybe(value)).map(([k, v]): Guard[] => [
      {
        ...{ kind: 'element', path: 'l', field: 'l', key: 'k', value: whole(k) },
        inner: { kind: 'value', path: 'q', field: 'l.q', original: raw(v) },
      },
    ]),
    fc.tuple(key.filter(isDefined), fc.constantFrom('object' as const, 'array' as const)).map(([k, kind]): Guard[] => [
      {
        ...{ kind: 'element', path: 'l', field: 'l', key: 'k', value: whole(k) },
        inner: { kind, path: 'q', field: 'l.q' },
      },
    ]),
    element
      .filter(({ k }) => isDefined(k))
      .map((one): Guard[] => [
        {
          ...{ kind: 'element', path: 'l', field: 'l', key: 'k', value: whole(one.k) },
          inner: { kind: 'whole', original: encodeValue(one) },
        },
      ]),
    fc.tuple(fc.nat(2), fc.oneof(element, value)).map(([index, v]): Guard[] => [
      { kind: 'array', path: 'l', field: 'l' },
      { kind: 'position', path: 'l', field: `l.${index}`, index, original: whole(v) },
    ]),
    fc.tuple(scalar, fc.integer({ min: 1, max: 2 })).map(([v, count]): Guard[] => [
      { kind: 'array', path: 'l', field: 'l' },
      { kind: 'count', path: 'l', field: 'l', value: whole(v), count },
    ]),
  );

  /** Guards that hold more often than chance has it: made from a document like the one they are tried on. */
  const held = (of: { f?: unknown; o?: unknown; l?: unknown }): Guard[][] => {
    const sets: Guard[][] = [[{ kind: 'value', path: 'f', field: 'f', original: raw(of.f) }]];
    if (typeof of.f === 'object' && of.f !== null && Object.getPrototypeOf(of.f) === Object.prototype) {
      const turned = Object.fromEntries(Object.entries(of.f).reverse());
      sets.push([{ kind: 'value', path: 'f', field: 'f', original: raw(turned) }]);
    }
    if (Array.isArray(of.l)) {
      for (const [index, one] of of.l.entries()) {
        sets.push([
          { kind: 'array', path: 'l', field: 'l' },
          { kind: 'position', path: 'l', field: 'l', index, original: encodeValue(one) },
        ]);
        const own = one as { k?: unknown; q?: unknown } | null;
        if (typeof own !== 'object' || own === null || !isDefined(own.k)) continue;
        const at = { kind: 'element', path: 'l', field: 'l', key: 'k', value: encodeValue(own.k) } as const;
        sets.push([{ ...at, inner: { kind: 'whole', original: encodeValue(own) } }]);
        sets.push([{ ...at, inner: { kind: 'value', path: 'q', field: 'q', original: raw(own.q) } }]);
      }
    }
    return sets;
  };

  it('agree on random documents', async () => {
    const collection = world.others.collection('guarded');
    let met = 0;
    let broken = 0;
    await fc.assert(
      fc.asyncProperty(document, fc.array(guards, { minLength: 4, maxLength: 8 }), async (fields, sets) => {
        const _id = new ObjectId();
        const bytes = encodeDocument({ _id, ...fields });
        await collection.insertOne(decodedAsIs(bytes));
        for (const set of [...sets, ...held(fields)]) {
          const found = await collection.findOne(guardedFilter({ _id }, set), {
            collation: SIMPLE,
            projection: { _id: 1 },
          });
          const isMet = brokenGuards(RawValue.ofDocument(bytes), set).length === 0;
          if (isMet) met++;
          else broken++;
          expect({ set, isMet }).toEqual({ set, isMet: found !== null });
        }
      }),
      { numRuns: 120 },
    );
    expect(Math.min(met, broken)).toBeGreaterThan(100);
  }, 300_000);
});

describe('advance', () => {
  const path = (root: string, ...parts: string[]) => [root, ...parts].join('.');
  // A decimal is never added to, nor compared with a bound: such a change is a plain write.
  const plainNumber = number.filter((one) => !(one instanceof Decimal128));
  const name = fc.constantFrom('a', 'b', 'n', 'o', 'l', 'z', '0', '10', '9');
  const at: fc.Arbitrary<string> = fc.oneof(
    name,
    fc.tuple(fc.constantFrom('o', 'z'), name).map(([root, part]) => path(root, part)),
    fc.tuple(fc.constantFrom('o'), fc.constant('o'), name).map((parts) => parts.join('.')),
    fc.tuple(fc.constant('l'), fc.constantFrom('0', '1'), fc.constantFrom('q', 'r')).map((parts) => parts.join('.')),
  );
  const element = fc.record({ k: fc.constantFrom('x', 'y'), q: value }, { requiredKeys: ['k'] });
  const document = fc.record(
    {
      ...{ a: value, b: value, n: plainNumber, z: value },
      o: fc.record({ a: value, b: value, o: fc.record({ a: value }, { requiredKeys: [] }) }, { requiredKeys: [] }),
      l: fc.uniqueArray(element, { selector: ({ k }) => k, maxLength: 2 }),
      hidden: value,
    },
    { requiredKeys: [] },
  );
  const whole = fc.constantFrom<unknown>(1, -2, new Int32(3), Long.fromNumber(4));
  const keyed = (k: string) => [{ name: 'e0', key: 'k', value: encodeValue(k) }];
  const change: fc.Arbitrary<PathChange> = fc.oneof(
    fc.record({ op: fc.constant('$set' as const), path: at, value }),
    fc.record({ op: fc.constant('$unset' as const), path: at }),
    fc.record({
      op: fc.constant('$push' as const),
      path: fc.constantFrom('l', 'new', 'o.new'),
      values: fc.array(element, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({
      ...{ op: fc.constant('$push' as const), path: fc.constant('l') },
      ...{ values: fc.array(element, { minLength: 1, maxLength: 2 }), position: fc.nat(3) },
    }),
    fc.record({ op: fc.constant('$inc' as const), path: fc.constantFrom('n', 'o.n'), value: whole }),
    fc.record({
      op: fc.constantFrom('$max' as const, '$min' as const),
      path: fc.constantFrom('n', 'm'),
      value: fc.constantFrom<unknown>(3, new Double(5), Long.fromNumber(7), new Date(9)),
    }),
    fc
      .record({ op: fc.constant('$pull' as const), path: fc.constant('l'), key: fc.constant('k') })
      .chain((one) =>
        fc.subarray(['x', 'y'], { minLength: 1 }).map((keys) => ({ ...one, values: keys.map(encodeValue) })),
      ),
    fc.record({
      op: fc.constantFrom('$pullAll' as const, '$addToSet' as const),
      path: fc.constant('tags'),
      values: fc.uniqueArray(text, { minLength: 1, maxLength: 2 }),
    }),
    fc.tuple(fc.constantFrom('x', 'y'), value).map(([k, v]): PathChange => ({
      ...{ op: '$set', path: 'l.$[e0].q', value: v, elements: keyed(k) },
    })),
    fc.constantFrom('x', 'y').map((k): PathChange => ({ op: '$unset', path: 'l.$[e0].q', elements: keyed(k) })),
  );

  it('answers the bytes that the server then holds', async () => {
    const collection = world.others.collection('advanced');
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        document,
        fc.option(fc.uniqueArray(text, { maxLength: 3 }), { nil: undefined }),
        fc.array(change, { minLength: 1, maxLength: 5 }),
        async (fields, tags, changes) => {
          const _id = new ObjectId();
          await collection.insertOne(decodedAsIs(encodeDocument({ _id, ...fields, tags })));
          const read = async () =>
            Buffer.from((await collection.findOne({ _id }, { raw: true })) as unknown as Uint8Array);
          const before = await read();
          for (const statement of inStatements(changes)) {
            const options = { arrayFilters: arrayFilters(statement) ?? [] };
            try {
              await collection.updateOne({ _id }, toUpdateDocument(statement), options);
            } catch {
              return; // a change that does not fit the document: guards would have stopped it
            }
          }
          compared++;
          const after = decodeByDriver(RawValue.ofDocument(await read()), EXACT);
          const ours = decodeByDriver(RawValue.ofDocument(advance(RawValue.ofDocument(before), changes)), EXACT);
          expect({ changes, document: ours }).toEqual({ changes, document: after });
          expect(JSON.stringify(Object.keys(ours as object))).toBe(JSON.stringify(Object.keys(after as object)));
          expect(advance(RawValue.ofDocument(before), changes).equals(await read())).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
    expect(compared).toBeGreaterThan(100);
  }, 300_000);
});

const EXACT = { promoteValues: false, promoteLongs: false } as const;

/** The document of these bytes, with no type of number changed on its way to the server. */
function decodedAsIs(bytes: Buffer): Document {
  return decodeByDriver(RawValue.ofDocument(bytes), EXACT) as Document;
}
