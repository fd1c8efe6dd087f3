import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/**
 * @param {string} file
 * @returns {Promise<string>} in hexadecimal
 */
export async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/**
 * @param {string} file
 * @param {string} expected
 */
export async function assertSha256(file, expected) {
  const actual = await sha256(file);
  if (actual !== expected) throw new Error(`${file} has the sha256 ${actual}, not ${expected}: refused`);
}
