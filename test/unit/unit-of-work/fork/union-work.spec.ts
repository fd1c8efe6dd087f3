import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { dropFork, forkScope, ownEntity } from '../../../../lib/unit-of-work/fork.js';
import { unite } from '../../../../lib/unit-of-work/union.js';
import { load, Order, orderData, orderDocument } from '../../tracking/subjects.js';

/** Counts what a union encodes and decodes: the work that would grow with the documents instead of the changes. */
function counted() {
  const { entity, scope, store } = load(Order, orderDocument());
  const encode = jest.spyOn(store.codec, 'encode');
  const decode = jest.spyOn(store.codec, 'decode');
  const count = (work: () => void) => {
    encode.mockClear();
    decode.mockClear();
    work();
    return { encoded: encode.mock.calls.map(([field]) => field.property), decoded: decode.mock.calls.length };
  };
  return { order: entity, scope, store, count };
}

describe('the work of a union', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('is none where neither side changed', () => {
    const { scope, count } = counted();
    const fork = forkScope(scope);
    expect(count(() => unite(scope, fork))).toEqual({ encoded: [], decoded: 0 });
    expect(fork.ending).toBe('united');
  });

  it('encodes nothing where the sides changed other scalars', () => {
    const { order, scope, count } = counted();
    const fork = forkScope(scope);
    (ownEntity(fork, order) as Order).note = 'theirs';
    order.count = 77;
    expect(count(() => unite(scope, fork))).toEqual({ encoded: [], decoded: 0 });
    expect([order.note, order.count]).toEqual(['theirs', 77]);
  });

  it('encodes no more than the container that one side changed, and shares nothing of it', () => {
    const { order, scope, count } = counted();
    const fork = forkScope(scope);
    const theirs = (ownEntity(fork, order) as Order).tags;
    theirs.push('theirs');
    const { tags } = order;
    const { encoded } = count(() => {
      unite(scope, fork);
    });
    expect(new Set(encoded)).toEqual(new Set(['tags']));
    expect(order.tags).toBe(tags);
    expect(tags).toEqual([...orderData().tags, 'theirs']);
    expect(tags).not.toBe(theirs);
  });

  it('goes by what the receiver had changed before the fork, too', () => {
    const { order, scope, count } = counted();
    order.note = 'before';
    const fork = forkScope(scope);
    (ownEntity(fork, order) as Order).count = 78;
    expect(count(() => unite(scope, fork))).toEqual({ encoded: [], decoded: 0 });
    expect([order.note, order.count]).toEqual(['before', 78]);
  });

  it('merges where the receiver took back since what it had changed before the fork', () => {
    const { order, scope } = counted();
    const { count: before } = order;
    order.note = 'before';
    const fork = forkScope(scope);
    const own = ownEntity(fork, order) as Order;
    own.note = 'theirs';
    own.count = before + 1;
    scope.rollback();
    expect(() => unite(scope, fork)).toThrow(/both sides changed the same.*note/);
    unite(scope, fork, { onConflict: 'theirs' });
    expect([order.note, order.count]).toEqual(['theirs', before + 1]);
  });

  it('refuses what no document can hold, and alters nothing', () => {
    const { order, scope } = counted();
    const { count: before } = order;
    const fork = forkScope(scope);
    const own = ownEntity(fork, order) as unknown as Record<string, unknown>;
    own.count = 5;
    own.tags = 'no list';
    expect(() => unite(scope, fork)).toThrow(expect.objectContaining({ code: 'InvalidValue', field: 'tags' }));
    expect(order.count).toBe(before);
    expect(fork.ending).toBeUndefined();
  });
});

describe('the work of a fork', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('encodes what is new and changed once, as long as it stays as it is', () => {
    const { order, scope, store, count } = counted();
    order.note = 'changed';
    const made = Object.assign(new Order(), orderData());
    made.id = new ObjectId();
    scope.add(store, made, made.id);
    expect(count(() => forkScope(scope)).encoded).toEqual(expect.arrayContaining(['note', 'id', 'tags']));
    expect(count(() => forkScope(scope)).encoded).toEqual([]);
    order.note = 'again';
    expect(count(() => forkScope(scope)).encoded).toEqual(['note']);
    made.tags.push('more');
    expect(count(() => forkScope(scope)).encoded).toContain('tags');
  });

  it('is the same after the tree has ended and another one begins', () => {
    const { order, scope, count } = counted();
    order.note = 'changed';
    dropFork(forkScope(scope));
    expect(count(() => forkScope(scope)).encoded).toEqual([]);
  });
});

describe('after a rollback', () => {
  it('a scalar that is changed again is looked at again', () => {
    const { order, scope } = counted();
    order.note = 'first';
    scope.rollback();
    expect(scope.isUntouched).toBe(true);
    order.note = 'second';
    expect([...scope.candidates()].map(({ entity }) => entity)).toEqual([order]);
  });

  it('an entity whose container is in the hands of others is looked at still', () => {
    const { order, scope } = counted();
    const { tags } = order;
    order.note = 'first';
    scope.rollback();
    tags.push('held');
    expect([...scope.candidates()].map((managed) => managed.changed())).toEqual([['tags']]);
  });
});
