import { call } from './api.js';
import { announce, byId, timeText } from './dom.js';
import { forkExperiment } from './fork-view.js';
import { Steps } from './steps.js';

/** What the buttons do: real requests, as several tabs would make them. */
export class Experiments {
  #running = false;

  /**
   * @param {import('./stream.js').CommitStream} stream
   * @param {import('./order-form.js').OrderForm} form
   */
  constructor(stream, form) {
    this.stream = stream;
    this.form = form;
  }

  wire() {
    for (const button of document.querySelectorAll('[data-experiment]')) {
      button.addEventListener('click', () => void this.#run(button));
    }
  }

  /** A request, and what the stream tells of it. */
  async ask(method, path, body) {
    const answer = await call(method, path, body);
    return { answer, word: answer.status > 0 ? await this.stream.word(answer.id) : undefined };
  }

  async #run(button) {
    const { id } = this.form.order ?? {};
    if (this.#running || id === undefined) return;
    this.#running = true;
    const result = byId('experiment-result');
    result.setAttribute('aria-busy', 'true');
    for (const one of document.querySelectorAll('[data-experiment]')) {
      if (one === button) one.setAttribute('aria-current', 'true');
      else one.removeAttribute('aria-current');
    }
    const name = button.dataset.experiment;
    const steps = new Steps(result, button.querySelector('strong').textContent);
    try {
      const verdict = await this[name](`/orders/${id}`, steps);
      if (verdict) this.#end(steps, ...verdict);
    } finally {
      this.#running = false;
      result.setAttribute('aria-busy', 'false');
      result.dataset.done = name;
    }
    await this.form.changedElsewhere();
  }

  #end(steps, good, text) {
    steps.end(good, text);
    announce(text);
  }

  async read(path, steps) {
    let writes = 0;
    let told = true;
    for (const [text, route] of [
      ['Reads the order.', path],
      ['Lists twenty orders.', '/orders?limit=20'],
      ['Lists twenty products.', '/products?limit=20'],
    ]) {
      const { answer, word } = await this.ask('GET', route);
      steps.add('Reader', text, { answer, word });
      writes += word?.request.writes.length ?? 0;
      told &&= word !== undefined && answer.ok;
    }
    return [told && writes === 0, told ? `Three requests, ${writes} writes: nothing sent.` : 'Not all was answered.'];
  }

  async revert(path, steps) {
    const { answer, word } = await this.ask('POST', `${path}/change-and-revert`);
    for (const { did, changed } of answer.body?.steps ?? []) {
      const now = changed.length === 0 ? 'Modified: nothing.' : `Modified: ${changed.join(', ')}.`;
      steps.add('Handler', now, { js: did });
    }
    steps.add('Server', 'The request ends, and its unit of work is flushed.', { answer, word });
    const good = answer.ok && word !== undefined && word.request.writes.length === 0;
    return [good, good ? 'Changed and reverted: nothing sent.' : 'That was not to be expected.'];
  }

  async different(path, steps) {
    const [a, b] = await this.#twoTabs(path, steps);
    if (!b) return [false, 'The order could not be read.'];
    const note = otherNote(a.note, 'Tab A');
    const city = CITIES.find((one) => one !== b.address.city);
    const first = await this.#save(steps, path, 'Tab A', { note, seen: { note: a.note } });
    const second = await this.#save(steps, path, 'Tab B', {
      address: { city },
      seen: { address: { city: b.address.city } },
    });
    const { answer, word } = await this.ask('GET', path);
    const after = answer.body;
    steps.add('Server', 'The order now:', { code: { note: after.note, city: after.address?.city }, answer, word });
    const good = first.ok && second.ok && after.note === note && after.address.city === city;
    return [good, good ? 'Both survive: neither tab sent a field that it did not change.' : 'One of them was lost.'];
  }

  async same(path, steps) {
    const [a, b] = await this.#twoTabs(path, steps);
    if (!b) return [false, 'The order could not be read.'];
    const note = otherNote(a.note, 'Tab A');
    const first = await this.#save(steps, path, 'Tab A', { note, seen: { note: a.note } });
    const late = otherNote(b.note, 'Tab B');
    const second = await this.#save(steps, path, 'Tab B', { note: late, seen: { note: b.note } });
    const { answer, word } = await this.ask('GET', path);
    steps.add('Server', 'The order now:', { code: { note: answer.body.note }, answer, word });
    const good = first.ok && second.status === 409 && answer.body.note === note;
    return [good, good ? 'The second gets 409, and nothing of the first is lost.' : 'That was not to be expected.'];
  }

  fork(path, steps) {
    return forkExperiment(this, path, steps);
  }

  async #twoTabs(path, steps) {
    const tabs = [];
    for (const tab of ['Tab A', 'Tab B']) {
      const { answer, word } = await this.ask('GET', path);
      steps.add(tab, `Opens the order${answer.ok ? ', and sees:' : '.'}`, {
        code: answer.ok ? { note: answer.body.note, city: answer.body.address.city } : undefined,
        answer,
        word,
      });
      if (answer.ok) tabs.push(answer.body);
    }
    return tabs;
  }

  async #save(steps, path, tab, body) {
    const { answer, word } = await this.ask('PATCH', path, body);
    steps.add(tab, 'Saves its change, with what it saw:', { code: body, answer, word });
    return answer;
  }
}

const CITIES = ['Leipzig', 'Graz'];

/** A note that is not the one there is. */
function otherNote(note, tab) {
  const text = `${tab}, ${timeText(Date.now())}`;
  return text === note ? `${text} again` : text;
}
