import { setTimeout as sleep } from 'node:timers/promises';
import { ObjectId, type Db, type MongoClient } from 'mongodb';
import { isCowError } from '../../../lib/errors/index.js';
import { entityMapOf } from '../../../lib/mapping/index.js';
import { Repository } from '../../../lib/repository/index.js';
import { Connection, UnitOfWork } from '../../../lib/unit-of-work/index.js';
import { Counter, Entry, Ledger } from './ledger.js';
import { KINDS, type Kind, type Outcome, type Try } from './verify.js';

/** After so many flushes a worker takes new ledgers: their logs would grow without end. */
const ROTATE = 100;

export interface WorkloadOptions {
  /** The client under test. */
  readonly client: MongoClient;
  readonly database: string;
  /** The same database by a client that no fault hits. */
  readonly clean: Db;
  /** Tells the workers of several processes apart. */
  readonly name?: string;
  readonly flushTimeoutMS?: number;
  /** Told before a flush is sent, and after its outcome is known. */
  readonly onTry?: (one: Try, isOver: boolean) => void | Promise<void>;
}

/**
 * Flushes of one write and of several, each with a token of its own that is found again in whatever it wrote. Workers
 * have ledgers of their own, so that no conflict has a reason, and share a counter.
 */
export class Workload {
  readonly tries: Try[] = [];
  private readonly unitOfWork = new UnitOfWork();
  private readonly ledgers: Repository<Ledger>;
  private readonly entries: Repository<Entry>;
  private readonly counters: Repository<Counter>;
  private readonly counter = new ObjectId();

  constructor(private readonly options: WorkloadOptions) {
    const { client, database, flushTimeoutMS = 30_000 } = options;
    const settings = { atomicity: 'transaction', flushTimeoutMS, validate: false } as const;
    const connection = new Connection('default', client, client.db(database), settings);
    this.ledgers = new Repository<Ledger>(connection.store(entityMapOf(Ledger)));
    this.entries = new Repository<Entry>(connection.store(entityMapOf(Entry)));
    this.counters = new Repository<Counter>(connection.store(entityMapOf(Counter)));
  }

  /** Collections first: transactions that create them at the same time conflict. */
  async prepare(): Promise<void> {
    const { clean } = this.options;
    const present = (await clean.listCollections().toArray()).map(({ name }) => name);
    for (const name of ['ledgers', 'entries', 'counters'])
      if (!present.includes(name)) await clean.createCollection(name);
    await clean.collection('counters').insertOne({ _id: this.counter, total: 0 });
  }

  worker(name: string, kinds: readonly Kind[] = KINDS): Worker {
    return new Worker(this, `${this.options.name ?? ''}${name}`, kinds);
  }

  /** New ledgers, and entries to delete. */
  async supplies(worker: string): Promise<{ ledgers: ObjectId[]; entries: ObjectId[] }> {
    const ledgers = [new ObjectId(), new ObjectId()];
    const entries = Array.from({ length: ROTATE }, () => new ObjectId());
    await insist(() =>
      this.options.clean
        .collection('ledgers')
        .bulkWrite(ledgers.map((_id) => ({ updateOne: upsert(_id, { worker, count: 0, total: 0, log: [] }) }))),
    );
    await insist(() =>
      this.options.clean
        .collection('entries')
        .bulkWrite(entries.map((_id) => ({ updateOne: upsert(_id, { token: `of ${worker}` }) }))),
    );
    return { ledgers, entries };
  }

  /** One flush; its outcome is known afterwards, if it can be known. */
  async flush(one: Try): Promise<void> {
    await this.unitOfWork.run(
      async () => {
        await this.change(one);
        await this.options.onTry?.(one, false);
        this.tries.push(one);
        try {
          await this.unitOfWork.flush();
          one.outcome = 'acknowledged';
        } catch (error) {
          one.outcome = outcomeOf(error);
          one.error = `${String(error)} ← ${String((error as Error).cause)}`;
        }
        await this.options.onTry?.(one, true);
      },
      { flush: 'manual' },
    );
  }

  private async change({ token, kind, ledgers, inserts, deletes }: Try): Promise<void> {
    for (const id of ledgers) {
      const ledger = await insist(() => this.ledgers.getById(id));
      ledger.count += 1;
      ledger.total += 1;
      ledger.log.push(token);
    }
    if (kind === 'several') (await insist(() => this.counters.getById(this.counter))).total += 1;
    if (inserts !== undefined) this.entries.create({ id: inserts, token });
    if (deletes !== undefined) this.entries.remove(await insist(() => this.entries.getById(deletes)));
  }
}

/** Flushes one after the other. */
export class Worker {
  private supplies: { ledgers: ObjectId[]; entries: ObjectId[] } | undefined;
  private done = 0;

  constructor(
    private readonly workload: Workload,
    private readonly name: string,
    private readonly kinds: readonly Kind[],
  ) {}

  async flush(kind: Kind = this.kinds[this.done % this.kinds.length]!): Promise<Try> {
    if (this.supplies === undefined || this.done % ROTATE === 0) {
      this.supplies = await this.workload.supplies(this.name);
    }
    const { ledgers, entries } = this.supplies;
    const one: Try = {
      token: `${this.name}-${this.done++}`,
      kind,
      ledgers: kind === 'update' ? ledgers.slice(0, 1) : kind === 'several' ? ledgers : [],
      ...(kind === 'insert' || kind === 'several' ? { inserts: new ObjectId() } : {}),
      ...(kind === 'delete' || kind === 'several' ? { deletes: entries.pop()! } : {}),
      outcome: 'unknown',
    };
    await this.workload.flush(one);
    return one;
  }

  async until(isOver: () => boolean): Promise<void> {
    while (!isOver()) await this.flush();
  }
}

function outcomeOf(error: unknown): Outcome {
  if (isCowError(error, 'FlushOutcomeUnknown')) return 'unknown';
  if (isCowError(error, 'ConcurrentModification') || isCowError(error, 'DuplicateKey')) return 'conflict';
  return 'refused'; // every other error says that nothing was written
}

function upsert(_id: ObjectId, document: object) {
  return { filter: { _id }, update: { $setOnInsert: document }, upsert: true };
}

/** Reads and preparations are no part of the proof: they are tried until they work. */
export async function insist<T>(fn: () => Promise<T>, patienceMS = 90_000): Promise<T> {
  const deadline = Date.now() + patienceMS;
  for (;;) {
    try {
      return await fn();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(20);
  }
}
