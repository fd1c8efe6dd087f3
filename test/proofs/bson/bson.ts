import { inspect } from 'node:util';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { decodeAny } from '../../../lib/bson/codecs/any.js';
import { documentEnd } from '../../../lib/bson/elements.js';
import { JsonBuffer } from '../../../lib/bson/json/json-buffer.js';
import { JsonWriter } from '../../../lib/bson/json/json-writer.js';
import { RawValue, encodeDocument } from '../../../lib/bson/raw-value.js';
import { isCowError } from '../../../lib/errors/index.js';
import { anyDamage, anyDocument, damaged, documentOf, type Damage } from '../../support/arbitrary-bson.js';
import { anyOrder, orderCodec as codec } from '../../support/arbitrary-orders.js';
import { sampled, type Proof } from '../proof.js';

/** Damaged versions of each document. */
const MUTANTS = 10;

/** A document that takes longer than this to read is taken for a hang. Even a loaded machine needs a millisecond. */
const HANG_MS = 10_000;

/** The options that the driver deserialises with when the application sets none. */
const DRIVER: BSON.DeserializeOptions = { validation: { utf8: true } };

interface Case {
  /** Of any names and types. */
  readonly document: Buffer;
  /** Of a class, as declared or not. */
  readonly order: Buffer;
  readonly damages: readonly { readonly damage: readonly Damage[]; readonly repair: boolean }[];
  readonly shuffle: readonly number[];
}

const oneCase: fc.Arbitrary<Case> = fc.record({
  document: anyDocument,
  order: anyOrder,
  damages: fc.array(fc.record({ damage: fc.array(anyDamage, { minLength: 1, maxLength: 3 }), repair: fc.boolean() }), {
    minLength: MUTANTS,
    maxLength: MUTANTS,
  }),
  shuffle: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
});

/** Compares what is read, written and compared with js-bson, and the compiled ways with the codecs. */
export const bson: Proof = {
  name: 'bson',
  about: 'documents are read, written and compared as js-bson does, whatever their bytes, fields and order',
  runs: 100_000,
  run({ runs, seed, progress, report }) {
    let done = 0;
    let failures = 0;
    let mutated = 0;
    let accepted = 0;
    for (const one of sampled(oneCase, seed, runs)) {
      const began = performance.now();
      const faults = [...faultsOf(one)];
      for (const { damage, repair } of one.damages) {
        const broken = damaged(one.document, damage, repair);
        mutated++;
        const fault = faultOfDamaged(broken);
        if (fault === 'accepted') accepted++;
        else if (fault !== undefined) faults.push(`${fault}: ${broken.toString('hex')}`);
        const fields = faultOfDeclared(damaged(one.order, damage, repair));
        if (fields !== undefined) faults.push(fields);
      }
      if (performance.now() - began > HANG_MS) faults.push('it took too long');
      if (faults.length > 0) {
        failures++;
        report(
          `run ${done}: ${faults.join('; ')}\n  document ${one.document.toString('hex')}\n  order ${one.order.toString('hex')}`,
        );
      }
      progress(++done);
    }
    return Promise.resolve({ failures, mutated, accepted });
  },
};

function* faultsOf({ document, order, shuffle }: Case): Generator<string> {
  if (read(() => decodeAny(RawValue.ofDocument(document), '')) !== read(() => BSON.deserialize(document, DRIVER))) {
    yield 'a document is not read as js-bson reads it';
  }
  const fields = byFields(order);
  const whole = read(() => ({ ...codec.decodeInstance(order) }));
  if (whole !== read(() => Object.fromEntries(fields()))) yield 'a whole document is not what its fields are';
  const page = Buffer.concat([document, order, document]);
  if (whole !== read(() => ({ ...codec.decodePlain(page, document.length) }))) yield 'others lie around it';
  const json = text(() => JSON.stringify(codec.toJson(codec.decodeInstance(order))));
  if (json !== text(() => jsonOf(page, document.length))) yield 'its JSON is not that of its values';
  yield* faultsOfWriting(order);
  yield* faultsOfShuffled(order, shuffle);
}

/** What was read is written as the codecs write it, and is sure to be the same only where they say so. */
function* faultsOfWriting(order: Buffer): Generator<string> {
  let instance: Record<string, unknown>;
  try {
    instance = codec.decodeInstance(order) as Record<string, unknown>;
  } catch {
    return; // compared above
  }
  const copy = Object.assign(Object.create(Object.getPrototypeOf(instance) as object) as object, structured(instance));
  for (const one of [instance, copy as Record<string, unknown>]) {
    const written = text(() => codec.encodeBytes((field) => one[field.property]).toString('hex'));
    if (written !== text(() => encodeDocument(codec.encodeDocument(one)).toString('hex'))) {
      yield 'its bytes are not what the codecs write';
    }
  }
  const positions = codec.layout.index(order, 0);
  for (const field of codec.map.fields) {
    const start = positions[field.index]!;
    if (start === 0 || !codec.isSurely(field, order, start, instance[field.property])) continue;
    if (!codec.equals(field, codec.read(field, order, start), instance[field.property])) {
      yield `${field.property} is not the same`;
    }
  }
}

/** The same fields in another order, some left out, read as they did. */
function* faultsOfShuffled(order: Buffer, shuffle: readonly number[]): Generator<string> {
  const stored = [...RawValue.ofDocument(order).fields()];
  const kept = stored
    .map((entry, index) => [shuffle[index % shuffle.length]!, entry] as const)
    .filter(([key]) => key % 4 !== 0)
    .sort(([a], [b]) => a - b)
    .map(([, [name, raw]]) => ({ name, type: raw.type, bytes: raw.bytes.subarray(raw.start, raw.end) }));
  const other = documentOf(kept);
  const names = new Set(kept.map(({ name }) => name));
  const there = codec.layout.index(other, 0);
  const here = codec.layout.index(order, 0);
  for (const field of codec.map.fields) {
    const [from, to] = [here[field.index]!, there[field.index]!];
    if (!names.has(field.stored)) {
      if (to !== 0) yield `${field.property} is found where it was left out`;
    } else if (read(() => codec.read(field, order, from)) !== read(() => codec.read(field, other, to))) {
      yield `${field.property} reads otherwise at another place`;
    }
  }
}

/** Accepted and refused as by js-bson, with its kind of error. */
function faultOfDamaged(broken: Buffer): string | undefined {
  const theirs = attempt(() => BSON.deserialize(broken, DRIVER));
  if (theirs.error instanceof SyntaxError || (theirs.error as Error | undefined)?.name === 'SyntaxError')
    return undefined;
  const ours = attempt(() => {
    if (documentEnd(broken, 0) !== broken.length) throw new BSON.BSONError('more than a document');
    return decodeAny(RawValue.ofDocument(broken), '');
  });
  if (theirs.error !== undefined) {
    return ours.error instanceof BSON.BSONError
      ? undefined
      : 'damaged bytes are accepted, or refused with another error';
  }
  if (ours.error !== undefined) return 'damaged bytes are refused';
  return shown(ours.value) === shown(theirs.value) ? 'accepted' : 'damaged bytes are read otherwise';
}

/** Readers of declared fields refuse with js-bson's kind of error, or read. */
function faultOfDeclared(broken: Buffer): string | undefined {
  const ways = [() => codec.decodeInstance(broken), () => codec.layout.index(broken, 0), () => jsonOf(broken, 0)];
  for (const way of ways) {
    const { error } = attempt<unknown>(way);
    if (error === undefined || error instanceof BSON.BSONError || isCowError(error, 'UnsafeInteger')) continue;
    if ((error as Error).name === 'SyntaxError') continue; // a pattern that JavaScript lacks
    return `damaged bytes broke a reader (${inspect(error)}): ${broken.toString('hex')}`;
  }
  return undefined;
}

/** The values of the fields, each read by its codec. */
function byFields(order: Buffer): () => [string, unknown][] {
  return () => {
    const stored = RawValue.ofDocument(order).fields();
    return codec.map.fields.flatMap((field): [string, unknown][] => {
      const raw = stored.get(field.stored);
      const value = raw === undefined ? codec.defaultOf(field) : codec.decode(field, raw);
      return value === undefined ? [] : [[field.property, value]];
    });
  };
}

function jsonOf(bytes: Buffer, start: number): string {
  const out = new JsonBuffer();
  JsonWriter.of(codec.map).write(out, bytes, codec.layout.index(bytes, start));
  return out.bytes.toString('utf8', 0, out.at);
}

/** Copies of the plain parts, so that nothing of them was loaded before. */
function structured(value: Record<string, unknown>): object {
  const copy = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(copy);
    if (typeof part !== 'object' || part === null || Object.prototype.toString.call(part) !== '[object Object]')
      return part;
    if ('_bsontype' in part) return part;
    return Object.assign(
      Object.create(Object.getPrototypeOf(part) as object) as object,
      Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, copy(inner)])),
    );
  };
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copy(part)]));
}

/** Everything that can be seen of a value: its classes, the order of its keys, the sign of its zeros. */
function shown(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
}

const read = (call: () => unknown): string => text(() => shown(call()));

/** The text, or that it was refused. */
function text(call: () => string): string {
  const { value, error } = attempt(call);
  if (error === undefined) return value!;
  if (error instanceof BSON.BSONError || isCowError(error)) return 'refused';
  throw error as Error;
}

function attempt<T>(call: () => T): { value?: T; error?: unknown } {
  try {
    return { value: call() };
  } catch (error) {
    return { error: error ?? 'nothing' };
  }
}
