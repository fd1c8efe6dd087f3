import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import * as mongodb from 'mongodb';
import * as values from '../../lib/bson/values.js';

const required = createRequire(import.meta.url)('mongodb') as typeof mongodb;

/** ESM and CommonJS consumers of the built package are the business of pack.mjs. */
describe('BSON classes of the library, in jest', () => {
  it.each(Object.keys(values))('%s is the application’s own', (name) => {
    const key = name as keyof typeof values;
    expect(values[key]).toBe(mongodb[key]);
    expect(values[key]).toBe(required[key]);
  });

  it('make values that the application recognises', () => {
    expect(new values.ObjectId()).toBeInstanceOf(mongodb.ObjectId);
    expect(values.Long.fromNumber(1)).toBeInstanceOf(mongodb.Long);
    expect(new values.UUID()).toBeInstanceOf(mongodb.Binary);
  });
});
