import type { RawValue } from './raw-value.js';
import { readText } from './reading/scalars.js';

/**
 * The text of a stored string.
 *
 * @throws BSONError when its bytes are no valid UTF-8, as js-bson does
 */
export function decodeString(raw: RawValue): string {
  return readText(raw.bytes, raw.start + 4, raw.end - 1);
}

/** Can the text be stored as it is? A lone surrogate would become U+FFFD. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
