import { expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { Entity, Id } from '../../../../lib/mapping/index.js';
import { forkScope, ownEntity } from '../../../../lib/unit-of-work/fork.js';
import type { Scope } from '../../../../lib/unit-of-work/scope.js';
import { load, loadList, Order, orderDocument } from '../../tracking/subjects.js';

@Entity()
class Bare {
  @Id() id!: ObjectId;
}

it('is made of the first document that a fork is asked for, and of no other', () => {
  const { entity, scope, store } = load(Order, orderDocument());
  const fork = forkScope(scope);
  expect(store.forkSample).toBeUndefined(); // nobody has asked for anything
  ownEntity(fork, entity);
  const sample = store.forkSample as readonly Scope[];
  expect(sample).toHaveLength(4);
  ownEntity(forkScope(scope), entity);
  expect(store.forkSample).toBe(sample);
});

it('is of nobody: the unit of work has no more forks, entities or changes than without', () => {
  const { entity, scope, store } = load(Order, orderDocument());
  const fork = forkScope(scope);
  ownEntity(fork, entity);
  const own = [...fork.entities(), ...scope.entities()];
  expect(scope.node!.tree.open.size).toBe(1);
  expect([scope.touchedEntities.size, fork.touchedEntities.size]).toEqual([0, 0]);
  for (const one of store.forkSample as readonly Scope[]) {
    expect(one.node!.tree).not.toBe(scope.node!.tree);
    expect([...one.entities()].filter((managed) => own.includes(managed))).toEqual([]);
  }
});

it('shares no bytes with the document, which may be one of a large reply', () => {
  const { entities, scope, store, batch } = loadList(
    Order,
    Array.from({ length: 100 }, () => ({ ...orderDocument(), _id: new ObjectId() })),
  );
  ownEntity(forkScope(scope), entities[0]!);
  const [root] = store.forkSample as readonly Scope[];
  const [only, ...more] = root!.entities();
  expect(more).toEqual([]);
  expect(only!.base!.bytes.buffer).not.toBe(batch.bytes.buffer);
});

it('is not made of a document without a field that could be changed, nor of a large one', () => {
  const bare = load(Bare, { _id: new ObjectId() });
  ownEntity(forkScope(bare.scope), bare.entity);
  expect(bare.store.forkSample).toEqual([]);
  const large = load(Order, { ...orderDocument(), note: 'x'.repeat(40_000) });
  ownEntity(forkScope(large.scope), large.entity);
  expect(large.store.forkSample).toEqual([]);
});
