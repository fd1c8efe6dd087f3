import { describe, expect, it } from '@jest/globals';
import { HttpAdapterHost } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { firstValueFrom, type Observable } from 'rxjs';
import { CowError, CowExceptionFilter } from '../../../lib/index.js';
import { ErrorAnswer } from '../../../lib/nest/error-answer.js';

describe('CowExceptionFilter', () => {
  const host = new HttpAdapterHost();
  const filter = new CowExceptionFilter(new ErrorAnswer(host), host);
  const error = new CowError('EntityNotFound', { entity: 'Order', id: '65' });

  const answer = (type: string, ...args: unknown[]) => {
    const context = new ExecutionContextHost(args);
    context.setType(type);
    return filter.catch(error, context);
  };

  it('answers a message by an error', async () => {
    await expect(firstValueFrom(answer('rpc') as Observable<unknown>)).rejects.toBe(error);
  });

  it('tells a client of a gateway', () => {
    const told: unknown[] = [];
    answer('ws', { emit: (...all: unknown[]) => told.push(all) });
    expect(told).toEqual([['exception', { status: 'error', code: 'EntityNotFound', message: error.message }]]);
    expect(() => answer('ws', {})).not.toThrow();
  });

  it('leaves the rest to who called', () => {
    expect(() => answer('graphql')).toThrow(error);
  });
});
