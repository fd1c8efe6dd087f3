import { generate, generation, mayGenerate } from '../code-generation.js';
import { malformed } from '../elements.js';
import { BSON, ObjectId } from '../values.js';

/** Node's own, without the checks of its arguments that `toString` makes. */
interface Slices {
  utf8Slice?(start: number, end: number): string;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const hasSlices = typeof (Buffer.prototype as unknown as Slices).utf8Slice === 'function';

/** Longer texts are read faster by Node itself. */
const SHORT = 24;

/**
 * The text in these bytes.
 *
 * @throws BSONError when they are no valid UTF-8, as js-bson does
 */
export function readText(bytes: Buffer, start: number, end: number): string {
  if (end - start <= SHORT) {
    if (made !== generation) makeShortText();
    const short = shortText(bytes, start, end);
    if (short !== undefined) return short;
  }
  const text = hasSlices
    ? (bytes as unknown as Required<Slices>).utf8Slice(start, end)
    : bytes.toString('utf8', start, end);
  if (text.includes('\ufffd')) refuseInvalid(bytes, start, end); // of text without wide characters that costs nothing
  return text;
}

function refuseInvalid(bytes: Buffer, start: number, end: number): void {
  try {
    strict.decode(bytes.subarray(start, end));
  } catch (error) {
    throw new BSON.BSONError('Invalid UTF-8 string in BSON document', { cause: error });
  }
}

type ShortText = (bytes: Buffer, start: number, end: number) => string | undefined;

/** Reads short ASCII without leaving JavaScript; undefined for other text. */
let shortText: ShortText = () => undefined;
let made = -1;

function makeShortText(): void {
  made = generation;
  shortText = mayGenerate() ? compileShortText() : () => undefined;
}

function compileShortText(): ShortText {
  const cases = Array.from({ length: SHORT }, (_, last) => {
    const names = Array.from({ length: last + 1 }, (_unused, i) => `c${i}`);
    const reads = names.map((name, i) => `${name} = bytes[start${i === 0 ? '' : ` + ${i}`}]`);
    return `case ${last + 1}: { const ${reads.join(', ')};
      return (${names.join(' | ')}) < 128 ? make(${names.join(', ')}) : undefined; }`;
  });
  const body = `return (bytes, start, end) => { switch (end - start) { case 0: return ''; ${cases.join('\n')} } };`;
  return generate<ShortText>(body, { make: String.fromCharCode });
}

/** Little-endian, as all of BSON. The four bytes must be there. */
export function readInt32(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** An int64 as a double: exact up to 2^53, correctly rounded beyond. */
export function readInt64(bytes: Buffer, at: number): number {
  return readInt32(bytes, at + 4) * 0x1_0000_0000 + (readInt32(bytes, at) >>> 0);
}

export function readDouble(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at);
}

export function readDate(bytes: Buffer, at: number): Date {
  return new Date(readInt64(bytes, at));
}

/** js-bson's way to read an ObjectId in place, of some of its versions. */
const FromPlace = ObjectId as unknown as new (bytes: Uint8Array, at: number) => ObjectId;

export const readObjectId: (bytes: Buffer, at: number) => ObjectId = readsInPlace()
  ? (bytes, at) => new FromPlace(bytes, at)
  : (bytes, at) => new ObjectId(Buffer.from(bytes.subarray(at, at + 12)));

/** Does the constructor read at an offset, and keep no view on the bytes? */
function readsInPlace(): boolean {
  try {
    const bytes = Buffer.from('ff000102030405060708090a0bff', 'hex');
    const id = new FromPlace(bytes, 1);
    bytes.fill(0xee);
    return id.toHexString() === '000102030405060708090a0b' && id instanceof ObjectId;
  } catch {
    return false;
  }
}

/** Where the object, array or text ends whose length is at `at`. */
export function frameEnd(bytes: Buffer, at: number, limit: number): number {
  const end = at + readInt32(bytes, at);
  if (end > limit || end < at + 5 || bytes[end - 1] !== 0) throw malformed('an object or array has a wrong length');
  return end;
}

/** Where the text ends whose length is at `at`, its NUL included. */
export function textEnd(bytes: Buffer, at: number, limit: number): number {
  const end = at + 4 + readInt32(bytes, at);
  if (end > limit || end < at + 5 || bytes[end - 1] !== 0) throw malformed('a text has a wrong length');
  return end;
}
