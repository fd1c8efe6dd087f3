import { inlineCode } from './code-view.js';
import { announce, bytesText, el, moneyText } from './dom.js';
import { sizesOf } from './wire.js';

const CHOICES = [
  ['ours', 'Keep the agreed price'],
  ['theirs', 'Take the campaign’s'],
  ['lower', 'The lower of both'],
];

/** Of which at least one differs from the present price, whatever that is. */
const TERMS = [
  { negotiated: 5, campaign: 15 },
  { negotiated: 8, campaign: 20 },
  { negotiated: 6, campaign: 18 },
];

/**
 * Tries a campaign in a fork while the request agrees on a price: first as it is, which is a conflict and sends
 * nothing, then with the resolution that is chosen, which is one command.
 *
 * @param {import('./experiments.js').Experiments} experiments
 * @param {string} path
 * @param {import('./steps.js').Steps} steps
 */
export async function forkExperiment(experiments, path, steps) {
  const terms = await termsFor(experiments, path);
  if (!terms) return [false, 'The order could not be read.'];
  const { answer, word } = await experiments.ask('POST', `${path}/what-if`, terms);
  if (!answer.ok) {
    steps.add('Server', 'Tries the campaign in a fork.', { answer, word });
    return [false, 'The order could not be priced.'];
  }
  const place = el('div', { class: 'fork-result' });
  const resolve = async (resolution) => {
    const { answer: united, word: told } = await experiments.ask('POST', `${path}/what-if`, {
      ...terms,
      resolve: resolution,
    });
    place.replaceChildren(...(united.ok ? unitedView(united.body, told) : [el('p', {}, united.body.message)]));
    place.dataset.resolution = resolution;
    const text = told?.commit ? 'United: one command committed.' : 'United: nothing differs from what is stored.';
    announce(united.ok ? text : 'The server refused it.');
    await experiments.form.changedElsewhere();
  };
  steps.place.append(forkView(answer.body, terms, word, resolve), place);
  announce('The fork and its parent changed the same price. Choose whose counts.');
  return undefined;
}

/** Terms that differ from those of an earlier try, so that there is something to see each time. */
async function termsFor(experiments, path) {
  const { answer } = await experiments.ask('GET', `${path}/prices`);
  if (!answer.ok) return undefined;
  const [{ price, listPrice }] = answer.body;
  const differs = (off) => Math.round((listPrice * (100 - off)) / 100) !== price;
  return TERMS.find(({ negotiated, campaign }) => differs(negotiated) && differs(campaign)) ?? TERMS[0];
}

function forkView({ total, ours, theirs, conflicts }, { negotiated, campaign }, word, resolve) {
  const items = theirs.changes.find(({ path }) => path === 'items')?.original ?? [];
  const names = new Map(items.map(({ sku }, nth) => [nth, sku]));
  return el(
    'div',
    { class: 'fork' },
    el('p', { class: 'node' }, 'The order as it was loaded ', el('b', {}, moneyText(total))),
    el('div', { class: 'branching', 'aria-hidden': 'true' }),
    el(
      'div',
      { class: 'lanes' },
      lane('of-ours', 'The request', `agrees on ${negotiated} % off the first line`, ours),
      lane('of-theirs', 'The fork', `tries a campaign of ${campaign} % on all`, theirs),
    ),
    el('div', { class: 'joining', 'aria-hidden': 'true' }),
    el(
      'div',
      { class: 'node is-conflict' },
      el('h4', {}, `union(): ${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}, the rest combines`),
      ...(conflicts.length > 0
        ? decision(conflicts, names, word, resolve)
        : [el('p', {}, 'There is nothing to decide.')]),
    ),
  );
}

function decision(conflicts, names, word, resolve) {
  const unsent = word && !word.commit ? 'Neither side was altered, and nothing sent. ' : '';
  const buttons = CHOICES.map(([value, text]) =>
    el('button', { type: 'button', 'data-resolve': value, onclick: () => void resolve(value) }, text),
  );
  return [
    conflictTable(conflicts, names),
    el('p', {}, `${unsent}Whose price counts?`),
    el('p', { class: 'resolutions' }, ...buttons),
  ];
}

function lane(kind, title, text, { changes, total }) {
  return el(
    'section',
    { class: `lane ${kind}`, 'aria-label': title },
    el('h4', {}, title),
    el('p', {}, text),
    changeList(changes),
    el('p', { class: 'total' }, 'Total ', el('b', {}, moneyText(total))),
  );
}

function conflictTable(conflicts, names) {
  const nameOf = (path) => path.replace(/^items\.(\d+)\./, (_, nth) => `${names.get(Number(nth)) ?? `items ${nth}`} `);
  const head = ['', 'original', 'the request', 'the fork'].map((text) => el('th', { scope: 'col' }, text));
  head[0] = el('td');
  return el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...head)),
    el(
      'tbody',
      {},
      ...conflicts.map(({ path, original, ours, theirs }) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, nameOf(path)),
          ...[original, ours, theirs].map((value) => el('td', {}, valueText(path, value))),
        ),
      ),
    ),
  );
}

function unitedView({ united }, word) {
  const commit = word?.commit;
  const sizes = commit && sizesOf(commit);
  return [
    el(
      'section',
      { class: 'node is-united', 'aria-label': 'After the union' },
      el('h4', {}, 'United'),
      changeList(united.changes),
      el('p', { class: 'total' }, 'Total ', el('b', {}, moneyText(united.total))),
      el(
        'p',
        { class: 'verdict is-good' },
        sizes
          ? `One command for both sides: ${bytesText(sizes.sent)} of changes instead of ${bytesText(sizes.whole)}.`
          : 'Nothing differs from what is stored: nothing sent.',
      ),
    ),
  ];
}

/** Changes in the words of an order: the lines of a list by what differs in them. */
function changeList(changes) {
  const rows = changes.flatMap(({ path, original, value }) => {
    if (path !== 'items') return [[path, original, value]];
    return value.flatMap((item, nth) =>
      item.price === original[nth].price ? [] : [[`${item.sku} price`, original[nth].price, item.price]],
    );
  });
  return el(
    'ul',
    { class: 'changes' },
    ...rows.map(([path, original, value]) =>
      el(
        'li',
        {},
        el('span', {}, path),
        el('del', {}, valueText(path, original)),
        el('ins', {}, valueText(path, value)),
      ),
    ),
  );
}

function valueText(path, value) {
  return path.endsWith('price') && typeof value === 'number' ? moneyText(value) : inlineCode(value);
}
