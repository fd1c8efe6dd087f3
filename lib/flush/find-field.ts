import { cstringEnd, documentEnd, valueEnd } from '../bson/elements.js';

/**
 * Where the field of a name begins, with the byte of its type, in the document at `start`; -1 where it has none. Nothing
 * else of the document is taken apart.
 */
export function findField(bytes: Buffer, start: number, name: string): number {
  const limit = documentEnd(bytes, start) - 1;
  for (let at = start + 4; at < limit;) {
    const valueStart = cstringEnd(bytes, at + 1, limit);
    if (isNamed(name, bytes, at + 1, valueStart - 1)) return at;
    at = valueEnd(bytes, bytes[at]!, valueStart, limit);
  }
  return -1;
}

/** Do these bytes hold the name? */
export function isNamed(name: string, bytes: Buffer, start: number, end: number): boolean {
  const { length } = name;
  if (length > end - start) return false; // in UTF-8 no name is shorter
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    if (code > 127) return bytes.toString('utf8', start, end) === name;
    if (code !== bytes[start + i]) return false;
  }
  return length === end - start;
}
