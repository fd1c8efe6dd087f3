import 'reflect-metadata';
import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from '../../../lib/mapping/index.js';

/** A document that shows, whatever else was written, whether each flush reached it once, twice, or in part. */
@Entity({ collection: 'ledgers' })
export class Ledger {
  @Id() id!: ObjectId;
  @Prop() worker!: string;
  /** Set, and guarded by what it was. */
  @Prop() count!: number;
  /** `$inc`. */
  @Prop({ merge: 'sum' }) total!: number;
  /** `$push`: the token of each flush. */
  @Prop(() => [String]) log!: string[];
}

/** Inserted and deleted. */
@Entity({ collection: 'entries' })
export class Entry {
  @Id() id!: ObjectId;
  @Prop() token!: string;
}

/** One that all workers add to at the same time. */
@Entity({ collection: 'counters' })
export class Counter {
  @Id() id!: ObjectId;
  @Prop({ merge: 'sum' }) total!: number;
}
