import type { Managed } from './managed.js';

/**
 * What the Proxy of a loaded entity is put on. Most of what a list finds is read a little, and by far not all is
 * changed: until more is needed all that is known of an entity is where its document starts.
 */
export class LateTarget {
  /** The place, or the state that was made since. Private, so that neither keys nor matchers nor a freeze see it. */
  #place: number | Managed;

  constructor(place: number) {
    this.#place = place;
  }

  static placeOf(target: object): number | Managed {
    return (target as LateTarget).#place;
  }

  static put(target: object, place: number | Managed): void {
    (target as LateTarget).#place = place;
  }
}
