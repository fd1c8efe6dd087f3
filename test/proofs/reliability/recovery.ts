import { setTimeout as sleep } from 'node:timers/promises';
import type { Try } from './verify.js';

/** When a flush that began after a fault was acknowledged: what began before it may have been answered already. */
export class Recovery {
  private readonly begun = new WeakMap<Try, number>();
  private latest = { begun: 0, acknowledged: 0 };

  readonly onTry = (one: Try, isOver: boolean): void => {
    if (!isOver) this.begun.set(one, Date.now());
    else if (one.outcome === 'acknowledged') {
      const begun = this.begun.get(one) ?? 0;
      if (begun > this.latest.begun) this.latest = { begun, acknowledged: Date.now() };
    }
  };

  /** Waits for one. @returns how long after the fault it was acknowledged, in ms */
  async after(fault: number): Promise<number> {
    while (this.latest.begun <= fault) await sleep(2);
    return this.latest.acknowledged - fault;
  }
}
