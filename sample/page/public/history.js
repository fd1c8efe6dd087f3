import { isOwn } from './api.js';
import { byId, bytesText, el, timeText } from './dom.js';
import { labelText, sizesOf } from './wire.js';

const KEPT = 40;

/** Commits and requests that committed nothing, the latest first. */
export class History {
  /** @param {(commit: any) => void} show what to do with a commit that is chosen */
  constructor(show) {
    this.show = show;
  }

  /** @param {any} commit */
  commit(commit) {
    const { sent, whole } = sizesOf(commit);
    const writes = commit.writes.map(({ collection, operation }) => `${collection}.${operation}`).join(', ');
    this.#add(
      commit.at,
      'is-commit',
      commit.request?.id,
      el('button', { type: 'button', onclick: () => this.show(commit) }, labelText(commit.label)),
      el('span', { class: 'what' }, writes),
      el('span', { class: 'bytes' }, el('b', {}, bytesText(sent)), ` of ${bytesText(whole)}`),
    );
  }

  /** @param {any} request */
  request({ id, method, path, status, reads, writes }) {
    if (writes.length > 0 && status < 400) return; // its commit is there
    const what = writes.length > 0 ? `tried to ${writes[0]}` : `${reads.length} read${reads.length === 1 ? '' : 's'}`;
    this.#add(
      Date.now(),
      status < 400 ? 'is-quiet' : 'is-refused',
      id,
      el('span', {}, labelText(`${method} ${path}`)),
      el('span', { class: 'what' }, `${status}, ${what}`),
      el('span', { class: 'bytes' }, 'nothing sent'),
    );
  }

  #add(at, kind, requestId, ...parts) {
    const list = byId('history');
    byId('history-empty').hidden = true;
    const who = requestId === undefined ? 'job' : isOwn(requestId) ? 'this tab' : 'another';
    const time = el('time', {}, timeText(at));
    list.prepend(
      el('li', { class: kind, 'data-request': requestId }, time, el('span', { class: 'who' }, who), ...parts),
    );
    while (list.children.length > KEPT) list.lastElementChild.remove();
  }
}
