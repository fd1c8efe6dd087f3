import { BSON } from './values.js';
import type { RawValue } from './raw-value.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of a stored string.
 *
 * @throws BSONError when its bytes are no valid UTF-8, as js-bson does
 */
export function decodeString(raw: RawValue): string {
  const text = raw.bytes.toString('utf8', raw.start + 4, raw.end - 1);
  if (text.includes('\ufffd')) {
    try {
      strict.decode(raw.bytes.subarray(raw.start + 4, raw.end - 1));
    } catch (error) {
      throw new BSON.BSONError('Invalid UTF-8 string in BSON document', { cause: error });
    }
  }
  return text;
}

/** Can the text be stored as it is? A lone surrogate would become U+FFFD. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
