import { isOwn } from './api.js';
import { codeBlock, codeLines, folded } from './code-view.js';
import { announce, byId, bytesText, el, timeText } from './dom.js';

/** What belongs to every command of the driver, whatever it carries. */
const ENVELOPE = ['lsid', 'txnNumber', '$clusterTime', '$db', 'writeConcern', 'readConcern', 'maxTimeMS', 'autocommit'];
const WRITES = { updateOne: 'update', insertOne: 'insert', deleteOne: 'delete' };

/** The commit that is shown, and the running totals. */
export class Wire {
  #totals = { commits: 0, sent: 0, guards: 0, whole: 0 };

  /** @param {any} commit */
  add(commit) {
    const { sent, guards, whole } = sizesOf(commit);
    this.#totals.commits += 1;
    this.#totals.sent += sent;
    this.#totals.guards += guards;
    this.#totals.whole += whole;
    this.#showTotals();
    this.show(commit);
    const what = commit.writes.map((write) => `${WRITES[write.operation]} of ${write.collection}`).join(', ');
    announce(`Committed: ${what}. ${sent} bytes of changes and ${guards} of guards, instead of ${whole}.`);
  }

  /** @param {any} commit */
  show(commit) {
    const { label, request, at, durationMS, writes } = commit;
    const who = request === undefined ? 'a job' : isOwn(request.id) ? 'this tab' : 'another tab';
    byId('wire-meta').replaceChildren(
      el('span', { class: 'who' }, who),
      ` ${labelText(label)} · ${timeText(at)} · ${Math.max(1, Math.round(durationMS))} ms`,
    );
    byId('wire-view').replaceChildren(
      sizes(commit),
      el('div', { class: 'sides' }, sentSide(commit), wholeSide(writes)),
    );
    for (const block of byId('wire-view').querySelectorAll('.code')) showFirstChange(block);
    byId('wire').dataset.flush = commit.flushId;
  }

  #showTotals() {
    const { commits, sent, guards, whole } = this.#totals;
    byId('total-commits').textContent = String(commits);
    byId('total-sent').textContent = bytesText(sent);
    byId('total-guards').textContent = bytesText(guards);
    byId('total-whole').textContent = bytesText(whole);
    byId('total-saved').textContent = whole > 0 ? `${Math.round(100 - (100 * sent) / whole)}\u00a0%` : '–';
  }
}

/** Changes and guards that were sent, and the documents that were not. @param {any} commit */
export function sizesOf({ writes }) {
  const sum = (of) => writes.reduce((total, write) => total + of(write), 0);
  return {
    sent: sum((write) => write.bytes),
    guards: sum((write) => write.statementBytes - write.bytes),
    whole: sum((write) => (write.operation === 'deleteOne' ? 0 : write.documentBytes)),
  };
}

/** Ids are long, and say little. @param {string | undefined} label */
export function labelText(label) {
  return (label ?? 'a unit of work').replaceAll(/[0-9a-f]{18}([0-9a-f]{6})/g, '…$1');
}

/** A long command is shown where it gets interesting. @param {HTMLElement} block */
function showFirstChange(block) {
  const changes = /** @type {NodeListOf<HTMLElement>} */ (block.querySelectorAll('.is-change'));
  const [first, last] = [changes[0], changes[changes.length - 1]];
  if (!first || !last || last.offsetTop + last.offsetHeight < block.clientHeight) return;
  block.scrollTop = Math.min(first.offsetTop, last.offsetTop - block.clientHeight / 2) - 24;
}

/** The lengths of both, drawn to one scale. */
function sizes(commit) {
  const { sent, guards, whole } = sizesOf(commit);
  const scale = Math.max(sent + guards, whole, 1);
  const bar = (kind, bytes) => {
    const piece = el('span', { class: `bar ${kind}` });
    piece.style.setProperty('--share', String(bytes / scale));
    return piece;
  };
  const row = (name, text, ...bars) =>
    el('div', { class: 'size' }, el('dt', {}, name), el('dd', {}, el('span', { class: 'bars' }, ...bars), text));
  return el(
    'dl',
    { class: 'sizes' },
    row(
      'Sent',
      el(
        'span',
        {},
        el('b', { class: 'is-sent' }, `${bytesText(sent)} of changes`),
        el('small', {}, ` + ${bytesText(guards)} of guards`),
      ),
      bar('is-sent', sent),
      bar('is-guard', guards),
    ),
    row(
      'Whole',
      el(
        'span',
        {},
        el('b', { class: 'is-whole' }, `${bytesText(whole)} of document`),
        el('small', {}, ' and no guard: the last one to save wins'),
      ),
      bar('is-whole', whole),
    ),
  );
}

function sentSide({ commands, writes }) {
  const shown = commands.length > 0 ? commands.map(({ command }) => command) : writes.map(({ command }) => command);
  const names = commands.map(({ name }) => name);
  const title = names.length > 1 ? 'Sent: one transaction' : 'Sent: this command';
  return el(
    'section',
    { class: 'side is-sent', 'aria-label': title },
    el('h3', {}, title),
    ...shown.map((command, nth) => commandView(command, names[nth])),
    el('p', { class: 'legend' }, key('is-change', 'what changes'), key('is-guard', 'what must still hold')),
  );
}

/** A command: what changes stands out, what must hold is plain, what every command carries is folded away. */
function commandView(command, name) {
  const envelope = Object.fromEntries(Object.entries(command).filter(([field]) => ENVELOPE.includes(field)));
  const rest = Object.fromEntries(Object.entries(command).filter(([field]) => !ENVELOPE.includes(field)));
  const markOf = (path) => {
    const at = path.findIndex((part) => part === 'u' || part === 'documents');
    if (at >= 0 && path.length > at + 1) return 'is-change';
    return path.includes('q') || path.includes('arrayFilters') || path.includes('collation') ? 'is-guard' : undefined;
  };
  return el(
    'div',
    { class: 'command' },
    codeBlock(folded(codeLines(rest, markOf), 'is-guard', 9, 'guards'), `Command ${name ?? ''}`.trim()),
    Object.keys(envelope).length > 0 &&
      el(
        'details',
        {},
        el('summary', {}, `and ${Object.keys(envelope).join(', ')}`),
        codeBlock(codeLines(envelope), 'What every command carries'),
      ),
  );
}

function wholeSide(writes) {
  const title = 'Saving the whole document would have sent';
  const shown = writes.filter(({ whole }) => whole);
  return el(
    'section',
    { class: 'side is-whole', 'aria-label': title },
    el('h3', {}, title),
    ...shown.map(wholeView),
    shown.length < writes.length &&
      el('p', { class: 'empty' }, `… and ${writes.length - shown.length} more, which are not shown.`),
    el('p', { class: 'legend' }, key('is-change', 'changed'), key('is-dim', 'sent for nothing')),
  );
}

function wholeView({ collection, operation, whole, command }) {
  const name = WRITES[operation];
  if (operation !== 'updateOne') {
    const markOf = () => 'is-change';
    return codeBlock(codeLines({ [name]: collection, document: whole.statement }, markOf), `Whole ${name}`);
  }
  const changed = changedPaths(command.u);
  const markOf = (path) => {
    const at = path.indexOf('u');
    if (at < 0) return undefined;
    return changed.some((one) => covers(one, path.slice(at + 1))) ? 'is-change' : 'is-dim';
  };
  const statement = { update: collection, updates: [whole.statement] };
  return codeBlock(codeLines(statement, markOf), 'The whole document');
}

function key(mark, text) {
  return el('span', { class: `key ${mark}` }, text);
}

/** The paths that an update names. @param {any} update */
function changedPaths(update) {
  return [update]
    .flat()
    .flatMap((one) => Object.values(one))
    .flatMap((fields) => Object.keys(fields))
    .map((path) => path.split('.'));
}

/** Is the part at `path` of the document one that `changed` names? `$[e0]` names elements. */
function covers(changed, path) {
  if (path.length === 0) return false;
  if (path.length < changed.length) return false;
  return changed.every((part, nth) => part === path[nth] || part.startsWith('$'));
}
