import { isWellFormed } from '../strings.js';

/** Texts up to this length are written in JavaScript, where they are ASCII: that is faster than to call Node. */
const SHORT = 32;

/** Bytes that grow at their end. */
export class ByteBuffer {
  bytes: Buffer;
  at = 0;

  /** @param capacity to begin with, in bytes */
  constructor(capacity = 64 * 1024) {
    this.bytes = Buffer.allocUnsafe(capacity);
  }

  /** Makes room for so many more bytes. */
  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const bytes = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.at + more));
    this.bytes.copy(bytes, 0, 0, this.at);
    this.bytes = bytes;
  }

  put(source: Uint8Array): void {
    this.putPart(source, 0, source.length);
  }

  /** The bytes of another from `start` to `end`. */
  putPart(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.reserve(size);
    const { bytes, at } = this;
    if (size > SHORT) bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), at);
    else for (let i = 0; i < size; i++) bytes[at + i] = source[start + i]!;
    this.at = at + size;
  }

  int32(value: number): void {
    this.reserve(4);
    this.int32At(this.at, value);
    this.at += 4;
  }

  int32At(at: number, value: number): void {
    const { bytes } = this;
    bytes[at] = value;
    bytes[at + 1] = value >> 8;
    bytes[at + 2] = value >> 16;
    bytes[at + 3] = value >> 24;
  }

  /** A whole number as an int64. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.int32(value - high * 0x1_0000_0000);
    this.int32(high);
  }

  double(value: number): void {
    this.reserve(8);
    this.at = this.bytes.writeDoubleLE(value, this.at);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** A name, NUL behind it. It was checked: it has none inside. */
  name(value: string): void {
    const { length } = value;
    this.reserve(3 * length + 1);
    const { bytes } = this;
    let { at } = this;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) {
        at = this.at + bytes.write(value, this.at, 'utf8');
        break;
      }
      bytes[at++] = code;
    }
    bytes[at] = 0;
    this.at = at + 1;
  }

  /** Room for a type, and the index of an element as its name. */
  index(index: number): void {
    this.reserve(12);
    this.at++;
    if (index > 9) {
      const digits = String(index);
      for (let i = 0; i < digits.length; i++) this.bytes[this.at++] = digits.charCodeAt(i);
    } else this.bytes[this.at++] = 48 + index;
    this.bytes[this.at++] = 0;
  }

  /** Begins an object or array. @returns what `close` is to be told */
  open(): number {
    this.int32(0);
    return this.at - 4;
  }

  /** Ends the object or array that began at `start`. */
  close(start: number): void {
    this.byte(0);
    this.int32At(start, this.at - start);
  }

  /**
   * A text with its length in front and NUL behind.
   *
   * @returns false, with any number of bytes written, for one that cannot be stored as it is: it has a lone surrogate
   */
  text(value: string): boolean {
    const { length } = value;
    this.reserve(3 * length + 5);
    const { bytes } = this;
    const start = this.at + 4;
    let end = start;
    if (length <= SHORT) {
      for (let i = 0; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 127) break;
        bytes[end++] = code;
      }
    }
    if (end - start !== length) {
      if (!isWellFormed(value)) return false;
      end = start + bytes.write(value, start, 'utf8');
    }
    bytes[end] = 0;
    this.int32At(this.at, end - start + 1);
    this.at = end + 1;
    return true;
  }

  /** A copy of what was written. */
  copy(): Buffer {
    const copy = Buffer.allocUnsafe(this.at);
    this.bytes.copy(copy, 0, 0, this.at);
    return copy;
  }
}

/** Reused by whoever writes, one after the other: what is complete is copied from it. */
const shared = new ByteBuffer();
let isShared = false;

/** Larger memory is given back. */
const LARGE = 1024 * 1024;

/**
 * What `write` writes, as bytes of their own. May be called again by `write`, such as by a getter of the application.
 *
 * @param size about how much that will be, in bytes, where it is known
 */
export function written(write: (out: ByteBuffer) => void, size = 0): Buffer {
  if (size > LARGE / 8) {
    const out = new ByteBuffer(size + 1024); // rather than to copy it from the shared memory
    write(out);
    return out.at > size / 2 ? out.bytes.subarray(0, out.at) : out.copy(); // to keep no more than there is
  }
  const out = isShared ? new ByteBuffer() : shared;
  const wasShared = isShared;
  isShared = true;
  try {
    out.at = 0;
    write(out);
    return out.copy();
  } finally {
    isShared = wasShared;
    if (out.bytes.length > LARGE) out.bytes = Buffer.allocUnsafe(64 * 1024);
  }
}
