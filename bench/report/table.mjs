import { PARTICIPANTS } from '../worlds/index.mjs';
import { amount } from './amount.mjs';

/**
 * The cases of a group as text: for each participant wall time, CPU and spread, and how often ours fits into it.
 *
 * @param {string} title
 * @param {any[]} results
 */
export function tableOf(title, results) {
  if (results.length === 0) return '';
  const lines = results.flatMap((result) => ['', `  ${result.name}: ${result.title}`, ...rowsOf(result)]);
  return [`\n${title}`, ...lines].join('\n');
}

function rowsOf(result) {
  const { figures, unable = {} } = result;
  const missing = Object.entries(unable).map(([participant, why]) => `    ${PARTICIPANTS[participant].title}: ${why}`);
  const rows = Object.entries(figures).map(([participant, own]) => {
    const { title } = PARTICIPANTS[participant];
    const cells = Object.entries(own).map(
      ([metric, { median, spread }]) =>
        `${metric} ${amount(metric, median).padStart(9)} ±${Math.round(spread * 50)
          .toString()
          .padEnd(2)}% ${ratio(figures.driver, own, metric, 'driver')} ${ratio(figures.cow, own, metric, 'ours')}`,
    );
    return `    ${title.padEnd(16)} ${cells.join('   ')}`.trimEnd();
  });
  return [...rows, ...missing];
}

function ratio(of, own, metric, name) {
  if (of === undefined) return '';
  return `${(own[metric].median / of[metric].median).toPrecision(3).padStart(6)} x ${name}`;
}
