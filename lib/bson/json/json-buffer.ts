import { readText } from '../reading/scalars.js';
import { ByteBuffer } from '../writing/byte-buffer.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = Buffer.from('0123456789abcdef');
const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const DAY = 86_400_000;

/** JSON as UTF-8 bytes, made of BSON values without a JavaScript value between them. */
export class JsonBuffer extends ByteBuffer {
  /** Any JSON text. */
  json(text: string): void {
    this.reserve(3 * text.length);
    this.at += this.bytes.write(text, this.at, 'utf8');
  }

  null(): void {
    this.put(NULL);
  }

  boolean(value: boolean): void {
    this.put(value ? TRUE : FALSE);
  }

  number(value: number): void {
    if (value >= 0 && value < 10 && (value | 0) === value) this.byte(48 + value);
    else if (Number.isFinite(value)) this.ascii(String(value));
    else this.null();
  }

  /** The text from `start` to `end`, in quotes. @throws BSONError when it is no valid UTF-8 */
  string(source: Buffer, start: number, end: number): void {
    const length = end - start;
    this.reserve(length + 2);
    const { bytes, at } = this;
    bytes[at] = QUOTE;
    let to = at + 1;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) {
        this.json(JSON.stringify(readText(source, start, end)));
        return;
      }
      bytes[to++] = byte;
    }
    bytes[to] = QUOTE;
    this.at = to + 1;
  }

  objectId(source: Buffer, start: number): void {
    this.reserve(26);
    const { bytes } = this;
    let { at } = this;
    bytes[at++] = QUOTE;
    for (let i = start; i < start + 12; i++) {
      const byte = source[i]!;
      bytes[at++] = HEX[byte >> 4]!;
      bytes[at++] = HEX[byte & 15]!;
    }
    bytes[at++] = QUOTE;
    this.at = at;
  }

  /** A time in ms, as ISO text; one that no Date can hold is null. */
  date(time: number): void {
    if (time >= 0 && time < 253_402_300_800_000) this.isoDate(time);
    else if (Number.isNaN(new Date(time).getTime())) this.null();
    else this.ascii(`"${new Date(time).toISOString()}"`);
  }

  /** From 1970 to 9999, by the calendar's own arithmetic (days counted from March, so that leap days come last). */
  private isoDate(time: number): void {
    const days = Math.floor(time / DAY);
    const ms = time - days * DAY;
    const z = days + 719_468;
    const era = Math.floor(z / 146_097);
    const dayOfEra = z - era * 146_097;
    const yearOfEra = Math.floor(
      (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
    );
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const shifted = Math.floor((5 * dayOfYear + 2) / 153);
    const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
    const month = shifted < 10 ? shifted + 3 : shifted - 9;
    const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    this.reserve(26);
    this.byte(QUOTE);
    this.two(Math.floor(year / 100));
    this.two(year % 100);
    this.byte(0x2d);
    this.two(month);
    this.byte(0x2d);
    this.two(day);
    this.byte(0x54);
    this.two(Math.floor(ms / 3_600_000));
    this.byte(0x3a);
    this.two(Math.floor(ms / 60_000) % 60);
    this.byte(0x3a);
    this.two(Math.floor(ms / 1000) % 60);
    this.byte(0x2e);
    const fraction = ms % 1000;
    this.byte(48 + Math.floor(fraction / 100));
    this.two(fraction % 100);
    this.byte(0x5a);
    this.byte(QUOTE);
  }

  private two(value: number): void {
    this.byte(48 + Math.floor(value / 10));
    this.byte(48 + (value % 10));
  }

  private ascii(text: string): void {
    this.reserve(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[this.at++] = text.charCodeAt(i);
  }
}
