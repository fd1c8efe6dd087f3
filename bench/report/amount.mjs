/**
 * A figure with its unit, in three digits.
 *
 * @param {string} metric
 * @param {number} value ms, or bytes
 */
export function amount(metric, value) {
  if (metric === 'bytes') return value >= 100_000 ? `${digits(value / 1000)} kB` : `${digits(value)} B`;
  if (value >= 1) return `${digits(value)} ms`;
  return value >= 1e-3 ? `${digits(value * 1e3)} µs` : `${digits(value * 1e6)} ns`;
}

/**
 * In three digits, whole from a hundred on.
 *
 * @param {number} value
 */
export function digits(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
