import { describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { requireTransactions } from '../../../lib/nest/connect.js';
import { addressOf, makeClient } from '../../../lib/nest/mongo-client.js';

describe('what a server says of itself', () => {
  it.each([
    ['a replica set', { setName: 'rs0' }],
    ['a router', { msg: 'isdbgrid' }],
  ])('%s has transactions', (_what, hello) => {
    expect(() => requireTransactions(hello, 'a:1')).not.toThrow();
  });

  it('a standalone server has none', () => {
    expect(() => requireTransactions({ isWritablePrimary: true }, 'a:1')).toThrow(/a:1 is a standalone server/);
  });
});

describe('a client', () => {
  it('tells where it leads, and not by whom', () => {
    const client = new MongoClient('mongodb://ada:secret@a:1,b:2/shop?replicaSet=rs0');
    expect(addressOf(client)).toBe('a:1,b:2');
    expect(addressOf(new MongoClient('mongodb+srv://ada:secret@cluster.example.net'))).toBe('cluster.example.net');
  });

  it('is made with the options given', () => {
    expect(makeClient({ uri: 'mongodb://a', clientOptions: { maxPoolSize: 3 } }).options.maxPoolSize).toBe(3);
    expect(() => makeClient({ uri: 'mongodb://a:b:c@d' })).toThrow(/"uri".*unescaped characters/);
  });
});
