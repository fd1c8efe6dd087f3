import { describe, expect, it } from '@jest/globals';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import {
  codeOf,
  isConnectionError,
  isResendable,
  isShapeChange,
  isTransactionGone,
  isTransient,
  mayHaveArrived,
} from '../../../lib/flush/server-errors.js';

const server = (code: number, ...errorLabels: string[]) => new MongoServerError({ message: 'x', code, errorLabels });
const named = (name: string) => Object.assign(new Error('x'), { name });
const refused = new MongoNetworkError('connect', { cause: Object.assign(new Error('x'), { syscall: 'connect' }) });

describe('what a server or the driver says', () => {
  it.each<[string, unknown, { transient: boolean; resendable: boolean; arrived: boolean }]>([
    ['a lost connection', new MongoNetworkError('x'), { transient: true, resendable: true, arrived: true }],
    [
      'one that wraps it',
      new Error('x', { cause: new MongoNetworkError('y') }),
      { transient: true, resendable: true, arrived: true },
    ],
    ['a refused connection', refused, { transient: true, resendable: true, arrived: false }],
    ['a cleared pool', named('MongoPoolClearedError'), { transient: true, resendable: true, arrived: false }],
    ['a full pool', named('MongoWaitQueueTimeoutError'), { transient: true, resendable: true, arrived: false }],
    ['a step-down', server(10107), { transient: true, resendable: true, arrived: false }],
    ['a shut-down', server(91), { transient: true, resendable: true, arrived: false }],
    ['a write conflict', server(112), { transient: true, resendable: true, arrived: true }],
    ['a transaction that is gone', server(251), { transient: true, resendable: false, arrived: true }],
    ['a time limit', server(50), { transient: true, resendable: true, arrived: true }],
    ['a cursor that is gone', server(43), { transient: true, resendable: false, arrived: true }],
    ['a cursor that was killed', server(237), { transient: true, resendable: false, arrived: true }],
    ['an index that is gone', server(175), { transient: true, resendable: false, arrived: true }],
    ['a label', server(1, 'TransientTransactionError'), { transient: true, resendable: false, arrived: true }],
    ['a duplicate key', server(11000), { transient: false, resendable: false, arrived: true }],
    ['something else', new TypeError('x'), { transient: false, resendable: false, arrived: true }],
    ['nothing', undefined, { transient: false, resendable: false, arrived: true }],
  ])('%s', (_, error, { transient, resendable, arrived }) => {
    expect(isTransient(error)).toBe(transient);
    expect(isResendable(error)).toBe(resendable);
    expect(mayHaveArrived(error)).toBe(arrived);
  });

  it('a commit is gone only where the server says so', () => {
    expect(isTransactionGone(server(251, 'TransientTransactionError'))).toBe(true);
    expect(isTransactionGone(server(251))).toBe(false);
    expect(isTransactionGone(server(91, 'UnknownTransactionCommitResult', 'TransientTransactionError'))).toBe(false);
    const network = new MongoNetworkError('x');
    network.addErrorLabel('TransientTransactionError');
    expect(isTransactionGone(network)).toBe(false);
    expect(isTransactionGone(new Error('x'))).toBe(false);
  });

  it('finds the code below wrappers, and ends at cycles', () => {
    expect(codeOf(new Error('x', { cause: new Error('y', { cause: server(7) }) }))).toBe(7);
    const cycle = new Error('x');
    cycle.cause = cycle;
    expect(codeOf(cycle)).toBeUndefined();
    expect(isConnectionError(cycle)).toBe(false);
  });

  it('a shape that changed is told from a number that is too large', () => {
    expect(isShapeChange(2, 'The field must be an array')).toBe(true);
    expect(isShapeChange(14, 'Cannot apply $inc')).toBe(true);
    expect(isShapeChange(28, 'Cannot create field')).toBe(true);
    expect(isShapeChange(2, 'Failed to apply $inc operations to current value')).toBe(false);
    expect(isShapeChange(11000, 'x')).toBe(false);
    expect(isShapeChange(undefined, 'x')).toBe(false);
  });
});
