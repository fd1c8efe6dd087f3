import { PARTICIPANTS } from '../worlds/index.mjs';
import { sizeFor, timesOf } from './case.mjs';
import { Prepared } from './prepared.mjs';
import { held, sample } from './sample.mjs';

/** One that takes part: opens cases, and samples them. */
export class Participant {
  /** @type {Prepared | undefined} */
  #prepared;

  /**
   * @param {string} name
   * @param {{ uri: string, database: string }} at
   */
  static async open(name, at) {
    return new Participant(name, await PARTICIPANTS[name].open(at));
  }

  /** @private */
  constructor(name, world) {
    this.name = name;
    this.world = world;
  }

  /**
   * Prepares a case, and runs it once: it must do what was asked for.
   *
   * @param {import('./case.mjs').Case} one
   * @param {'full' | 'brief' | 'tiny'} purpose
   */
  async prepare(one, purpose) {
    this.#prepared = await Prepared.open(one, this.world, this.name, sizeFor(one, purpose));
    await this.#prepared.verify();
    const { url, requests } = this.#prepared.steps;
    return { url, requests };
  }

  /** @param {number} minimum shortest time, in ms */
  sample(minimum) {
    const { one, at } = this.#prepared;
    if (one.kind === 'bytes') return held(this.#prepared, at.size);
    return sample(this.#prepared, { minimum, times: timesOf(one, at.size) });
  }

  async close() {
    const closing = this.#prepared;
    this.#prepared = undefined;
    await closing?.close();
  }

  end() {
    return this.world.close();
  }
}
