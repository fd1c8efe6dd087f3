import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { ObjectId, UUID } from 'mongodb';
import { CreatedAt, Embedded, Entity, Id, Prop, Version, entityMapOf } from '../../../lib/mapping/index.js';
import { deepFreeze } from '../../../lib/repository/freeze.js';
import { construct, prepare } from '../../../lib/repository/new-entity.js';

@Embedded()
class Part {
  @Prop() n!: number;
}

@Entity({ discriminator: 'kind' })
class Thing {
  @Id() id!: ObjectId;
  @Prop() kind!: string;
  @Prop() name!: string;
  @Prop(() => [String]) list: string[] = ['a'];
  @Prop({ default: () => 'made' }) made?: string;
  @Prop({ default: 'constant' }) constant?: string;
  @Prop() part?: Part;
  @Version() version!: number;
  @CreatedAt() createdAt!: Date;
}

@Entity()
class Identified {
  @Id() id!: UUID;
}

@Entity({ create: (data) => new Built(String(data.name)) })
class Built {
  @Id({ default: () => 'own' }) id!: string;
  @Prop() name: string;
  constructor(name: string) {
    this.name = name.toUpperCase();
  }
}

const thing = entityMapOf(Thing);

describe('construct', () => {
  it('makes an instance, casts, and leaves out what is not declared, undefined, or the library’s', () => {
    const made = construct(thing, { name: 'x', part: { n: 1, evil: 1 }, evil: 1, made: undefined, version: 5 });
    expect(made).toBeInstanceOf(Thing);
    expect(made).toMatchObject({ name: 'x', list: ['a'] });
    expect((made as Thing).part).toBeInstanceOf(Part);
    expect((made as Thing).part).toEqual({ n: 1 });
    expect((made as Thing).version).toBeUndefined();
    expect(made).not.toHaveProperty('evil');
  });

  it('uses the factory where there is one, and data over what it made', () => {
    expect(construct(entityMapOf(Built), { name: 'x' })).toMatchObject({ name: 'x' });
    expect(construct(entityMapOf(Built), {})).toMatchObject({ name: 'UNDEFINED' });
  });

  it('takes own properties only, and no prototype', () => {
    const data = JSON.parse('{"__proto__":{"name":"evil"}}') as Record<string, unknown>;
    expect((construct(thing, data) as Thing).name).toBeUndefined();
    expect(
      (construct(thing, Object.create({ name: 'evil' }) as Record<string, unknown>) as Thing).name,
    ).toBeUndefined();
    expect({}).not.toHaveProperty('name');
  });
});

describe('prepare', () => {
  it('gives an id and the defaults that are missing, each a copy', () => {
    const [a, b] = [Object.create(Thing.prototype) as Thing, Object.create(Thing.prototype) as Thing];
    expect(prepare(thing, a)).toBe(a.id);
    prepare(thing, b);
    expect(a.id).toBeInstanceOf(ObjectId);
    expect(a).toMatchObject({ list: ['a'], made: 'made', constant: 'constant' });
    expect(a.list).not.toBe(b.list);
  });

  it('keeps what is there', () => {
    const id = new ObjectId();
    const made = Object.assign(new Thing(), { id, constant: 'mine', list: [] });
    expect(prepare(thing, made)).toBe(id);
    expect(made).toMatchObject({ constant: 'mine', list: [] });
  });

  it('makes UUIDs and ids by a default', () => {
    expect(prepare(entityMapOf(Identified), new Identified())).toBeInstanceOf(UUID);
    expect(prepare(entityMapOf(Built), new Built('x'))).toBe('own');
  });
});

describe('deepFreeze', () => {
  it('freezes objects and arrays at every depth, and leaves bytes, dates and BSON values usable', () => {
    const id = new ObjectId();
    const value = { a: [{ b: {} }], at: new Date(5), bytes: Buffer.from([1]), id, n: null };
    expect(deepFreeze(value)).toBe(value);
    for (const part of [value, value.a, value.a[0], value.a[0]!.b]) expect(Object.isFrozen(part)).toBe(true);
    value.bytes[0] = 2;
    expect(id.toHexString()).toHaveLength(24);
    expect(deepFreeze(5)).toBe(5);
  });
});
