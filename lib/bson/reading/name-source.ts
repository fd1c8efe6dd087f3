/**
 * JavaScript that asks whether the element at `at` has this name, compared by words of four bytes. Nothing beyond
 * `limit` is read: a name that would end there is none.
 */
export function isNamed(name: Buffer): string {
  const bytes = Buffer.concat([name, Buffer.from([0])]);
  const tests = [`at + ${bytes.length + 1} <= limit`];
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) {
    const [a, b, c, d] = [1, 2, 3, 4].map((offset) => `bytes[at + ${i + offset}]`);
    tests.push(`(${a} | ${b} << 8 | ${c} << 16 | ${d} << 24) === ${bytes.readInt32LE(i)}`);
  }
  for (; i < bytes.length; i++) tests.push(`bytes[at + ${i + 1}] === ${bytes[i]}`);
  return tests.join(' && ');
}

/** `.name` or `["any name"]`. */
export function member(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
