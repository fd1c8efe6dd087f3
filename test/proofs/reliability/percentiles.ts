/** Median, 95th percentile and maximum, named `<name>P50` and so on. */
export function percentiles(name: string, values: readonly number[]): Record<string, number> {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
  return { [`${name}P50`]: at(0.5), [`${name}P95`]: at(0.95), [`${name}Max`]: at(1) };
}
