/**
 * A progress bar on stderr; where that is no terminal, a line every two seconds. It appears with the first progress.
 *
 * @param {string} label
 * @returns {Promise<{ update(fraction: number): void, stop(): void }>}
 */
export async function progressBar(label) {
  const { default: cliProgress } = await import('cli-progress'); // not at the top: npm ci may not have run yet
  const bar = new cliProgress.SingleBar({
    format: `${label} [{bar}] {percentage}%`,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 2000,
    stream: process.stderr,
  });
  return {
    update: (fraction) => {
      if (fraction > 0 && !bar.isActive) bar.start(100, 0);
      if (bar.isActive) bar.update(Math.min(100, Math.floor(fraction * 100)));
    },
    stop: () => bar.stop(),
  };
}
