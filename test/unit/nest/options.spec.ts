import { describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { CowModule, isCowError } from '../../../lib/index.js';
import { checkAsyncOptions, checkAsyncResult, checkOptions } from '../../../lib/nest/check-options.js';

const uri = 'mongodb://127.0.0.1/shop';

/** The error of a call, which must be InvalidOption. */
function refused(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (isCowError(error, 'InvalidOption')) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('options of forRoot()', () => {
  it('have defaults', () => {
    expect(checkOptions({ uri })).toEqual({
      uri,
      connectionName: 'default',
      flush: 'request',
      atomicity: 'transaction',
      flushTimeoutMS: 20_000,
      validate: true,
      codeGeneration: true,
      rawBatches: true,
      autoCreate: true,
      retryAttempts: 9,
      retryDelay: 3_000,
      middleware: true,
      unsafeResponses: 'warn',
      discardOnDisconnect: false,
      conflictDetails: false,
    });
  });

  it('keep what is given, and take undefined for not given', () => {
    const options = { uri, flush: 'manual', retryDelay: 0, validate: false, database: undefined };
    expect(checkOptions(options)).toMatchObject({ flush: 'manual', retryDelay: 0, validate: false });
    expect(checkOptions(options)).not.toHaveProperty('database');
  });

  it.each([
    [{ uri, datbase: 'shop' }, '"datbase"', 'Did you mean "database"?'],
    [{ uri, flushTimeoutMs: 5 }, '"flushTimeoutMs"', 'Did you mean "flushTimeoutMS"?'],
    [{ uri, somethingElse: 1 }, '"somethingElse"', 'Options are uri, client, database'],
    [{ uri, __proto__: null, constructor: 1 }, '"constructor"', 'no such option'],
    [{ uri, flush: 'requests' }, '"flush"', "Did you mean 'request'?"],
    [{ uri, atomicity: 'none' }, '"atomicity"', "'transaction' or 'single-document'"],
    [{ uri, retryAttempts: -1 }, '"retryAttempts"', 'whole number of 0 or more'],
    [{ uri, retryAttempts: 1.5 }, '"retryAttempts"', 'whole number'],
    [{ uri, retryDelay: -1 }, '"retryDelay"', '0 or more'],
    [{ uri, flushTimeoutMS: 0 }, '"flushTimeoutMS"', 'above 0'],
    [{ uri, flushTimeoutMS: '20' }, '"flushTimeoutMS"', 'a number'],
    [{ uri, validate: 'yes' }, '"validate"', 'true or false'],
    [{ uri, connectionName: ' ' }, '"connectionName"', 'not empty'],
    [{ uri, clientOptions: 'w=1' }, '"clientOptions"', 'an object'],
    [{ uri: 27017 }, '"uri"', 'a text'],
    [{ client: {} }, '"client"', 'the same copy of mongodb'],
    [{}, '"uri"', 'neither "uri" nor "client"'],
    [undefined, 'forRoot()', 'no options'],
    [null, 'forRoot()', 'no options'],
  ])('%j is refused', (options, name, hint) => {
    const message = refused(() => checkOptions(options));
    expect(message).toContain(name);
    expect(message).toContain(hint);
  });

  it('do not contradict each other', () => {
    const client = new MongoClient(uri);
    expect(refused(() => checkOptions({ uri, client }))).toContain('"client"');
    expect(refused(() => checkOptions({ client, clientOptions: {} }))).toContain('"clientOptions"');
    expect(checkOptions({ client }).client).toBe(client);
  });

  it('may follow the connection string, which is then not among them', () => {
    expect(() => CowModule.forRoot(uri, { flush: 'manual' })).not.toThrow();
    expect(refused(() => CowModule.forRoot(uri, { uri } as object))).toContain('twice');
    expect(refused(() => CowModule.forRoot(undefined as never))).toContain('no options');
  });
});

describe('options of forRootAsync()', () => {
  const useFactory = () => ({ uri });

  it('name one way', () => {
    expect(refused(() => checkAsyncOptions({}))).toContain('"useFactory"');
    expect(refused(() => checkAsyncOptions({ useFactory, useClass: class {} }))).toContain('"useClass"');
    expect(refused(() => checkAsyncOptions({ useClass: class {}, inject: [] }))).toContain('"inject"');
    expect(refused(() => checkAsyncOptions({ useFactry: useFactory }))).toContain('Did you mean "useFactory"?');
    expect(checkAsyncOptions({ useFactory, inject: [String] })).toEqual({ useFactory, inject: [String] });
  });

  it('hold the name of the connection, which the factory may repeat only', () => {
    expect(checkAsyncResult({ uri }, 'reports').connectionName).toBe('reports');
    expect(checkAsyncResult({ uri, connectionName: 'reports' }, 'reports').connectionName).toBe('reports');
    expect(refused(() => checkAsyncResult({ uri, connectionName: 'other' }, 'reports'))).toContain('"connectionName"');
  });

  it('are checked again when the factory has answered', () => {
    expect(refused(() => checkAsyncResult({ uri, flsh: 'manual' }, 'default'))).toContain('"flush"');
    expect(refused(() => checkAsyncResult(undefined, 'default'))).toContain('forRootAsync()');
  });
});
