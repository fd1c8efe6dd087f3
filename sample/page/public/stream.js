/** How long a step waits for word of its request, before it goes on without. */
const WORD_MS = 15_000;

/**
 * What the server tells, live. Comes back by itself when the server was away.
 *
 * Events: `state` (`{ state: 'connecting' | 'live' | 'lost', again, restarted }`), `commit`, `request`.
 */
export class CommitStream extends EventTarget {
  /** Requests of which the stream has told, by their ids. */
  #requests = new Map();
  /** Commits, by the ids of their requests. */
  #commits = new Map();
  #process = '';
  #state = 'connecting';
  /** @type {EventSource | undefined} */
  #source;

  constructor(path = '/commits') {
    super();
    this.path = path;
    // The browser may keep a page that was left, and show it again as it was: without its connection.
    addEventListener('pageshow', ({ persisted }) => persisted && this.open());
  }

  /** @param {'state' | 'commit' | 'request'} name @param {(detail: any) => void} listener */
  on(name, listener) {
    this.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event).detail));
  }

  open() {
    const source = (this.#source = new EventSource(this.path));
    source.addEventListener('hello', ({ data }) => this.#hello(JSON.parse(data)));
    source.addEventListener('commit', ({ data }) => this.#commit(JSON.parse(data)));
    source.addEventListener('request', ({ data }) => this.#request(JSON.parse(data)));
    source.addEventListener('error', () => this.#lost(source));
    // A page that is left must not keep a connection of the few that a browser has for a server.
    addEventListener('pagehide', () => source.close(), { once: true });
  }

  get isLive() {
    return this.#state === 'live';
  }

  /**
   * What the stream tells of a request: how it ended, and what it committed.
   *
   * @param {string} id
   * @returns {Promise<{ request: any, commit: any } | undefined>} undefined when no word comes
   */
  word(id) {
    const known = () => {
      const request = this.#requests.get(id);
      return request && { request, commit: this.#commits.get(id) };
    };
    return new Promise((resolve) => {
      const look = () => {
        if (known() || !this.isLive) done();
      };
      const done = () => {
        clearTimeout(timer);
        this.removeEventListener('request', look);
        this.removeEventListener('state', look);
        resolve(known());
      };
      const timer = setTimeout(done, WORD_MS);
      this.addEventListener('request', look);
      this.addEventListener('state', look);
      look();
    });
  }

  /** @param {{ process: string }} hello */
  #hello({ process }) {
    const again = this.#process !== '';
    const restarted = again && process !== this.#process;
    this.#process = process;
    this.#become('live', { again, restarted });
  }

  #commit(commit) {
    if (commit.request) this.#commits.set(commit.request.id, commit);
    this.dispatchEvent(new CustomEvent('commit', { detail: commit }));
  }

  #request(request) {
    this.#requests.set(request.id, request);
    this.dispatchEvent(new CustomEvent('request', { detail: request }));
  }

  /** @param {EventSource} source */
  #lost(source) {
    this.#become('lost');
    // A browser tries again by itself after a lost connection, but not after an answer that was no stream.
    if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
    source.close();
    setTimeout(() => this.open(), 1_000);
  }

  #become(state, detail = {}) {
    if (state === this.#state && state !== 'live') return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: { state, ...detail } }));
  }
}
