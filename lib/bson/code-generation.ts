let isWanted = true;
let isAllowed: boolean | undefined;

/** Changes whenever it is switched, so that what was compiled before is compiled anew. */
export let generation = 0;

/**
 * May readers and writers be compiled to JavaScript of their own? Not where the application switched it off, nor where
 * Node was started with `--disallow-code-generation-from-strings`; what then runs does the same, slower.
 */
export function mayGenerate(): boolean {
  isAllowed ??= tryOnce();
  return isWanted && isAllowed;
}

/** Switches it for the whole process: the codecs of a class are shared by all connections. */
export function setCodeGeneration(wanted: boolean): void {
  if (wanted !== isWanted) generation++;
  isWanted = wanted;
}

/**
 * Compiles a function body.
 *
 * @param constants what the code refers to by name
 */
export function generate<T>(body: string, constants: Readonly<Record<string, unknown>>): T {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- made of the mapping only, every name a literal
  const make = new Function(...Object.keys(constants), `'use strict';\n${body}`) as (...values: unknown[]) => T;
  return make(...Object.values(constants));
}

function tryOnce(): boolean {
  try {
    return generate<boolean>('return true;', {});
  } catch {
    return false;
  }
}
