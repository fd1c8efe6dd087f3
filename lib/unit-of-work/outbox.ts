import { ObjectId } from '../bson/values.js';
import { CowError } from '../errors/index.js';
import { Entity, entityMapOf, Id, Prop, type EntityMap } from '../mapping/index.js';
import { requireManaged } from './membership.js';
import type { Scope } from './scope.js';

/** What happened, for others: see `UnitOfWork.emit()`. */
export interface OutboxEvent {
  /** The entity that it is about, of this unit of work. Events of one entity are delivered in their order. */
  readonly about: object;
  /** What happened, for example `'order.paid'`. */
  readonly type: string;
  /** Anything that can be stored, as it is at the flush. */
  readonly payload?: unknown;
}

/** An event as it is stored, and delivered. */
export interface StoredEvent {
  /** Stays the same however often the event is delivered: receivers can tell a repetition by it. */
  readonly id: ObjectId;
  readonly type: string;
  /** Class name of the entity that it is about, and its id as text. */
  readonly entity: string;
  readonly about: string;
  readonly payload?: unknown;
  readonly emittedAt: Date;
}

const maps = new Map<string, EntityMap>();

/** The mapping of the events of a collection. */
function outboxMap(collection: string): EntityMap {
  let map = maps.get(collection);
  if (map === undefined) {
    class OutboxEntry {}
    const { prototype } = OutboxEntry;
    Id({ type: () => ObjectId })(prototype, 'id');
    for (const name of ['type', 'entity', 'about']) Prop({ type: () => String })(prototype, name);
    Prop({ type: Object })(prototype, 'payload');
    Prop({ type: () => Date })(prototype, 'emittedAt');
    Entity({ collection })(OutboxEntry);
    map = entityMapOf(OutboxEntry);
    maps.set(collection, map);
  }
  return map;
}

/**
 * Adds an event to the unit of work: a document like any other, so that it is written by the same transaction, dropped
 * by a rollback, and goes with a fork that is united or dropped.
 */
export function emitEvent(scope: Scope, { about, type, payload }: OutboxEvent): void {
  const { store, idText } = requireManaged(scope, about);
  const { outbox } = store.connection.settings;
  if (outbox === undefined) {
    throw new CowError('InvalidOption', {
      option: 'outbox',
      reason: 'unitOfWork.emit() needs it, and it names no collection',
      expected: "Give forRoot({ outbox: 'events' }), or another name.",
    });
  }
  const events = store.connection.store(outboxMap(outbox));
  const entry = new (events.map.target as new () => Record<string, unknown>)();
  const id = new ObjectId();
  Object.assign(entry, { id, type, entity: store.map.name, about: idText, emittedAt: new Date() });
  if (payload !== undefined) entry.payload = payload;
  scope.add(events, entry, id);
}
