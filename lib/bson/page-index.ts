import type { Layout, Positions } from './layout.js';

/**
 * The index of whichever document of a reply was asked for last: who reads a document mostly reads more of it, and
 * then goes on to another. An index for each document would be a sixth of what an entity takes.
 */
export class PageIndex {
  private readonly positions: number[] = [];
  private start = -1;

  /** @param bytes the reply; always the same */
  constructor(
    private readonly layout: Layout,
    private readonly bytes: Buffer,
  ) {}

  /** Holds until another document is asked for. */
  of(start: number): Positions {
    if (this.start !== start) {
      this.start = -1; // until it is known that the document is well formed
      this.layout.index(this.bytes, start, this.positions);
      this.start = start;
    }
    return this.positions;
  }
}
