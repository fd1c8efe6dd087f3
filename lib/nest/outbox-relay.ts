import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { ChangeStream, Collection, Document, ResumeToken } from 'mongodb';
import { CowError } from '../errors/index.js';
import { backoff } from '../flush/transaction.js';
import { AS_BY_DEFAULT, type Connection } from '../unit-of-work/connection.js';
import type { StoredEvent } from '../unit-of-work/outbox.js';

/** Options of an outbox relay. */
export interface OutboxRelayOptions {
  /** Tells relays of one outbox apart that deliver to different places. Default: `'default'`. */
  name?: string;
  /** How long a relay that was killed keeps others from going on, in ms. Default: 10000. */
  leaseMS?: number;
}

/** A relay's place in the outbox, and who has it. */
interface Lease {
  _id: string;
  owner: string;
  until: Date;
  token?: ResumeToken;
}

/** The oplog does not reach back to where a relay stopped. */
const HISTORY_LOST = 286;
const DUPLICATE_KEY = 11000;

/**
 * Delivers the events of `unitOfWork.emit()` after their commit: each at least once, one after the other in the order of
 * the commits, so that those of an entity are in theirs. Of several processes one delivers, and another goes on when it
 * is gone. An event that cannot be delivered is tried until it can.
 *
 * @example
 * const relay = new OutboxRelay(connection, (event) => broker.publish(event.type, event.payload));
 * relay.start(); // in onApplicationBootstrap(); await relay.stop() in beforeApplicationShutdown()
 */
export class OutboxRelay {
  private readonly logger = new Logger('OutboxRelay');
  private readonly events: Collection;
  private readonly leases: Collection<Lease>;
  private readonly owner = randomUUID();
  private readonly name: string;
  private readonly leaseMS: number;
  private stream: ChangeStream | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;

  /** @param deliver is called again with the same event when it throws, and may be after a crash: see `event.id` */
  constructor(
    connection: Connection,
    private readonly deliver: (event: StoredEvent) => unknown,
    { name = 'default', leaseMS = 10_000 }: OutboxRelayOptions = {},
  ) {
    const { outbox } = connection.settings;
    if (outbox === undefined) {
      throw new CowError('InvalidOption', {
        option: 'outbox',
        reason: `the connection "${connection.name}" has none`,
        expected: "Give forRoot({ outbox: 'events' }), or another name.",
      });
    }
    // By a secondary that is behind, an event would be gone before it is there; by a failover, a lease held by two.
    const options = { ...AS_BY_DEFAULT, readPreference: 'primary', writeConcern: { w: 'majority' } } as const;
    this.events = connection.db.collection(outbox, options);
    this.leases = connection.db.collection(`${outbox}.relays`, options);
    this.name = name;
    this.leaseMS = leaseMS;
  }

  start(): void {
    this.isStopped = false;
    this.running ??= this.run();
  }

  /** Resolves when nothing is delivered any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.stream?.close().catch(() => undefined);
    await this.running;
    this.running = undefined;
    await this.leases.updateOne(this.own, { $set: { until: new Date(0) } }).catch(() => undefined);
  }

  private get own() {
    return { _id: this.name, owner: this.owner };
  }

  private async run(): Promise<void> {
    for (let attempt = 0; !this.isStopped; attempt++) {
      try {
        const lease = await this.acquire();
        if (lease !== undefined) {
          attempt = 0;
          await this.relay(lease.token);
        }
      } catch (error) {
        if (!this.isStopped) this.logger.warn(`Outbox relay "${this.name}": ${String(error)}; it goes on`);
        if ((error as { code?: unknown }).code === HISTORY_LOST) {
          await this.leases.updateOne(this.own, { $unset: { token: '' } }).catch(() => undefined);
        }
      }
      await this.stream?.close().catch(() => undefined);
      if (!this.isStopped) await sleep(Math.min(this.leaseMS / 4, 20 + backoff(attempt)));
    }
  }

  /** By the server's clock. @returns undefined while another has it */
  private async acquire(): Promise<Lease | undefined> {
    const fresh = { $setOnInsert: { owner: '', until: new Date(0) } };
    await this.leases.updateOne({ _id: this.name }, fresh, { upsert: true }).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error; // another was faster
    });
    const free = { $or: [{ owner: this.owner }, { $expr: { $lt: ['$until', '$$NOW'] } }] };
    const take = [{ $set: { owner: this.owner, until: { $add: ['$$NOW', this.leaseMS] } } }];
    return (
      (await this.leases.findOneAndUpdate({ _id: this.name, ...free }, take, { returnDocument: 'after' })) ?? undefined
    );
  }

  /** From where the last one stopped; without a place to go on from, first what is there. */
  private async relay(token: ResumeToken): Promise<void> {
    const from = token === undefined ? { startAtOperationTime: await this.now() } : { resumeAfter: token };
    const inserts = [{ $match: { operationType: 'insert' } }];
    const stream = (this.stream = this.events.watch(inserts, { ...from, maxAwaitTimeMS: 500 }));
    if (token === undefined) for await (const event of this.events.find().sort({ _id: 1 })) await this.one(event);
    let renewed = Date.now();
    while (!this.isStopped && !stream.closed) {
      const change = (await stream.tryNext()) as { fullDocument?: Document } | null;
      // A delivered event is gone: one that was, and is read again since the place was not kept, is not repeated.
      if (change?.fullDocument !== undefined) await this.one(change.fullDocument);
      if (change !== null && Date.now() - renewed < this.leaseMS / 4) continue;
      await this.keep({ token: stream.resumeToken });
      renewed = Date.now();
    }
  }

  /** Delivers one event, however often it takes, and then removes it. */
  private async one(stored: Document): Promise<void> {
    const _id = stored._id as StoredEvent['id'];
    if ((await this.events.findOne({ _id }, { projection: { _id: 1 } })) === null) return;
    const { type, entity, about, payload, emittedAt } = stored as unknown as StoredEvent;
    const event = { id: _id, type, entity, about, emittedAt, ...(payload === undefined ? {} : { payload }) };
    const renewing = setInterval(() => void this.keep().catch(() => undefined), this.leaseMS / 3);
    try {
      for (let attempt = 0; ; attempt++) {
        await this.keep(); // who has lost the lease delivers nothing any more
        try {
          await this.deliver(event);
          break;
        } catch (error) {
          this.logger.warn(`${event.type} ${event.about} could not be delivered (${String(error)}); it is tried again`);
          if (this.isStopped) throw new Error('stopped before the event was delivered', { cause: error });
        }
        await sleep(backoff(attempt));
      }
    } finally {
      clearInterval(renewing);
    }
    await this.events.deleteOne({ _id });
  }

  private async keep(place: { token?: ResumeToken } = {}): Promise<void> {
    const until = { $add: ['$$NOW', this.leaseMS] };
    const set = place.token == null ? { until } : { until, token: { $literal: place.token } };
    const { matchedCount } = await this.leases.updateOne(this.own, [{ $set: set }]);
    if (matchedCount === 0) throw new Error('another relay has taken over');
  }

  private async now() {
    const session = this.events.db.client.startSession();
    try {
      await this.events.db.command({ ping: 1 }, { session });
      return session.operationTime!;
    } finally {
      await session.endSession();
    }
  }
}
