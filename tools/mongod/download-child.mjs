/** See download.mjs. Prints the library's progress, then `mongod: <path>`; a failure is one line on stderr. */
import { MongoBinary } from 'mongodb-memory-server-core';

try {
  const path = await MongoBinary.getPath({ downloadDir: /** @type {string} */ (process.argv[2]) });
  console.log(`\nmongod: ${path}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
