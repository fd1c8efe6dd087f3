import { fileURLToPath } from 'node:url';

/** The directory that holds package.json, wherever a command is run from. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
