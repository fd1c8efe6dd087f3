import { describe, expect, it } from '@jest/globals';
import { HttpException } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import { CowError, ParseObjectIdPipe, toHttpException, type ErrorDetails } from '../../../lib/index.js';

describe('toHttpException()', () => {
  it('names what happened and what to do, and keeps the error', () => {
    const error = new CowError('ConcurrentModification', { entity: 'Order', id: '65', field: 'note' });
    const exception = toHttpException(error);
    expect(exception).toBeInstanceOf(HttpException);
    expect(exception.getStatus()).toBe(409);
    expect(exception.code).toBe('ConcurrentModification');
    expect(exception.cause).toBe(error);
    expect(exception.getResponse()).toEqual({
      statusCode: 409,
      code: 'ConcurrentModification',
      message: 'Order 65 was changed by someone else since it was read (note). Nothing was written.',
      entity: 'Order',
      id: '65',
      field: 'note',
      remedy: error.remedy,
    });
  });

  it('lists issues by what may be told, and nothing else of them', () => {
    const issue = { entity: 'Order', field: 'customer', message: 'must be an email', constraints: { isEmail: 'no' } };
    const issues = [{ ...issue, theirs: 'a stored value' }] as unknown as NonNullable<ErrorDetails['issues']>;
    const body = toHttpException(new CowError('ValidationFailed', { entity: 'Order', issues })).getResponse();
    expect(body).toMatchObject({ statusCode: 400, issues: [issue] });
    expect(JSON.stringify(body)).not.toContain('stored value');
  });

  it("keeps the server's own words out", () => {
    const error = new CowError('WriteRefused', { entity: 'Order', reason: 'document { name: "secret" } failed' });
    expect(JSON.stringify(toHttpException(error).getResponse())).not.toContain('secret');
    expect(toHttpException(error).cause.message).toContain('secret');
  });
});

describe('ParseObjectIdPipe', () => {
  const pipe = new ParseObjectIdPipe();

  it('makes ObjectIds', () => {
    const id = new ObjectId();
    expect(pipe.transform(id.toHexString(), {})).toBeInstanceOf(ObjectId);
    expect(pipe.transform(id.toHexString().toUpperCase(), {})?.equals(id)).toBe(true);
    expect(pipe.transform(id, {})).toBe(id);
  });

  it.each(['', 'abc', 'twelve bytes', 'g'.repeat(24), '6'.repeat(25), 12, null, undefined, {}, ['6'.repeat(24)]])(
    'refuses %j',
    (value) => {
      expect(() => pipe.transform(value, { data: 'id' })).toThrow(
        expect.objectContaining({ code: 'InvalidId', status: 400, message: expect.stringContaining('"id"') }),
      );
    },
  );

  it('lets nothing pass where it is optional', () => {
    expect(new ParseObjectIdPipe({ optional: true }).transform(undefined, {})).toBeUndefined();
    expect(() => new ParseObjectIdPipe({ optional: true }).transform('', {})).toThrow();
  });
});
