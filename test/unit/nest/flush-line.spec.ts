import { expect, it } from '@jest/globals';
import { flushLine } from '../../../lib/nest/flush-line.js';
import type { CommittedWrite } from '../../../lib/index.js';

const update: CommittedWrite = {
  entity: 'Order',
  collection: 'orders',
  operation: 'updateOne',
  id: '65',
  command: { q: { _id: 1, note: 'secret' }, u: { $set: { note: 'secret', 'address.city': 'secret' }, $inc: { v: 1 } } },
  bytes: 61,
  documentBytes: 1204,
};

const line = (...writes: CommittedWrite[]) =>
  flushLine({ flushId: 'f', label: 'PATCH /orders/65', durationMS: 1, writes });

it('names fields, sizes, and no value', () => {
  expect(line(update)).toBe(
    'PATCH /orders/65 → orders.updateOne { $set: { note, address.city }, $inc: { v } } 61 B of 1,204 B',
  );
});

it('names every kind of write', () => {
  const insert = { ...update, operation: 'insertOne', command: { note: 'secret' } } as const;
  const remove = { ...update, operation: 'deleteOne', command: { q: { note: 'secret' } } } as const;
  expect(line(insert, remove)).toBe('PATCH /orders/65 → orders.insertOne 61 B, orders.deleteOne');
  expect(line({ ...update, command: { u: [{ $set: { a: 'secret' } }] } })).not.toContain('secret');
});

it('stays short', () => {
  const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, index]));
  expect(line({ ...update, command: { u: { $set: fields } } })).toContain('f7, … 12 more }');
  expect(line(...Array<CommittedWrite>(50).fill(update))).toContain('… 42 more');
  expect(flushLine({ flushId: 'f', label: undefined, durationMS: 1, writes: [] })).toBe('unit of work → ');
});
