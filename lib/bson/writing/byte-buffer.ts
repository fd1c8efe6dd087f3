import { isWellFormed } from '../strings.js';

/** Texts up to this length are written in JavaScript, where they are ASCII: that is faster than to call Node. */
const SHORT = 32;

/** Bytes that grow at their end. */
export class ByteBuffer {
  bytes = Buffer.allocUnsafe(64 * 1024);
  at = 0;

  /** Makes room for so many more bytes. */
  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const bytes = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.at + more));
    this.bytes.copy(bytes, 0, 0, this.at);
    this.bytes = bytes;
  }

  put(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.at);
    this.at += source.length;
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

  /** A copy of what was written since `start`. */
  copyFrom(start: number): Buffer {
    return Buffer.from(this.bytes.subarray(start, this.at));
  }
}
