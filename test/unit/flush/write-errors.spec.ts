import { describe, expect, it } from '@jest/globals';
import { ObjectId } from 'mongodb';
import 'reflect-metadata';
import { encodeValue } from '../../../lib/bson/raw-value.js';
import type { Guard } from '../../../lib/flush/change.js';
import type { Write } from '../../../lib/flush/plan.js';
import { conflict, writeError } from '../../../lib/flush/write-errors.js';
import { Embedded, Entity, Id, Prop, entityMapOf } from '../../../lib/mapping/index.js';

@Embedded()
class Contact {
  @Prop({ name: 'm' }) email!: string;
}
@Entity({ collection: 'people' })
class Person {
  @Id() id!: ObjectId;
  @Prop({ name: 'n' }) name!: string;
  @Prop(() => [Contact], { name: 'cs' }) contacts!: Contact[];
  @Prop({ type: Object, name: 'x' }) meta?: unknown;
}

const write = {
  kind: 'delete',
  target: { map: entityMapOf(Person) },
  id: '7',
  filter: {},
  guards: [],
} as unknown as Write;
const guard = (field: string): Guard => ({ kind: 'value', path: field, field, original: encodeValue(1) });

describe('a conflict', () => {
  it('names entity, id and each field', () => {
    const error = conflict(write, [guard('a'), guard('b.c'), guard('a')], true);
    expect(error).toMatchObject({
      code: 'ConcurrentModification',
      status: 409,
      entity: 'Person',
      id: '7',
      field: 'a, b.c',
    });
    expect(error.issues).toEqual([
      { entity: 'Person', id: '7', field: 'a', message: 'Person.a was changed by someone else' },
      { entity: 'Person', id: '7', field: 'b.c', message: 'Person.b.c was changed by someone else' },
    ]);
  });

  it('names the outermost of those inside each other', () => {
    expect(conflict(write, [guard('a.b'), guard('a'), guard('ab')], true).field).toBe('a, ab');
  });

  it('that no guard explains names no field', () => {
    const error = conflict(write, [], true);
    expect(error.field).toBeUndefined();
    expect(error.issues).toEqual([{ entity: 'Person', id: '7', message: 'Person was changed' }]);
  });

  it('with a document that is gone says so', () => {
    expect(conflict(write, [guard('a')], false).issues).toEqual([
      { entity: 'Person', id: '7', message: 'Person was removed by someone else' },
    ]);
  });
});

describe('a duplicate key', () => {
  const duplicate = (error: object) =>
    writeError(write, { code: 11000, errmsg: 'E11000 … index: people_1 dup key: { n: "secret" }', ...error });

  it.each([
    [{ n: 1 }, 'name'],
    [{ n: 1, _id: 1 }, 'name, id'],
    [{ 'cs.m': 1 }, 'contacts.email'],
    [{ 'cs.unknown': 1 }, 'contacts.unknown'],
    [{ 'x.a.b': 1 }, 'meta.a.b'],
    [{ other: 1 }, 'other'],
  ])('of %j names the properties: %s', (keyPattern, field) => {
    expect(duplicate({ keyPattern })).toMatchObject({
      code: 'DuplicateKey',
      status: 409,
      entity: 'Person',
      field,
      id: '7',
    });
  });

  it('of an older server is read from its text', () => {
    expect(duplicate({})).toMatchObject({ code: 'DuplicateKey', field: 'name' });
  });

  it('names the index, and no value', () => {
    expect(duplicate({ keyPattern: { n: 1 } }).message).toContain('index people_1');
    expect(duplicate({ keyPattern: { n: 1 } }).message).not.toContain('secret');
  });
});

describe('what else a server refuses', () => {
  it('is a conflict where the document changed its shape', () => {
    const error = writeError(write, { code: 28, errmsg: 'Cannot create field' });
    expect(error).toMatchObject({ code: 'ConcurrentModification', entity: 'Person', id: '7' });
    expect(error.cause).toMatchObject({ message: 'Cannot create field' });
  });

  it('is refused elsewhere, with the server’s own words as the cause', () => {
    const error = writeError(write, { code: 121, errmsg: 'Document failed validation' });
    expect(error).toMatchObject({ code: 'WriteRefused', entity: 'Person', id: '7' });
    expect(error.message).toContain('121');
    expect(error.message).not.toContain('failed validation');
    expect(error.cause).toMatchObject({ message: 'Document failed validation' });
  });
});
