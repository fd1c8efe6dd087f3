import { messageOf } from './api.js';
import { inlineCode } from './code-view.js';
import { bytesText, el } from './dom.js';
import { sizesOf } from './wire.js';

/** What an experiment did, step by step, where its reader can follow. */
export class Steps {
  #list = el('ol', { class: 'steps' });

  /** @param {HTMLElement} place @param {string} title */
  constructor(place, title) {
    place.replaceChildren(el('h3', {}, title), this.#list);
    place.scrollTop = 0;
    this.place = place;
  }

  /**
   * @param {string} actor
   * @param {string} text
   * @param {{ code?: unknown, js?: string, answer?: any, word?: any }} [more] what was sent, answered, and told by the stream
   */
  add(actor, text, { code, js, answer, word } = {}) {
    this.#list.append(
      el(
        'li',
        { class: `step of-${actor.toLowerCase().replaceAll(' ', '-')}` },
        el('span', { class: 'actor' }, actor),
        el(
          'div',
          {},
          el('p', {}, text),
          code !== undefined && el('p', {}, inlineCode(code)),
          js !== undefined && el('p', {}, el('code', { class: 'inline-code' }, js)),
          answer && outcome(answer, word),
        ),
      ),
    );
  }

  /** @param {boolean} good @param {string} text */
  end(good, text) {
    this.place.append(el('p', { class: `verdict ${good ? 'is-good' : 'is-bad'}` }, text));
  }
}

function outcome(answer, word) {
  const { status } = answer;
  const kind = status === 409 ? 'is-refused' : status < 400 && status > 0 ? 'is-good' : 'is-bad';
  return el(
    'p',
    { class: 'outcome' },
    el('span', { class: `status ${kind}` }, status === 0 ? 'no answer' : String(status)),
    el('span', {}, status >= 400 || status === 0 ? messageOf(answer) : sentText(word)),
  );
}

/** What the driver was seen to send. */
function sentText(word) {
  if (!word) return 'The stream did not tell what was sent.';
  const { commit, request } = word;
  const reads = `${request.reads.length} read${request.reads.length === 1 ? '' : 's'}`;
  if (!commit) return `${reads}, nothing sent`;
  const { sent, guards, whole } = sizesOf(commit);
  return `${bytesText(sent)} of changes, ${bytesText(guards)} of guards, instead of ${bytesText(whole)}`;
}
