import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { CowError } from '../errors/index.js';
import { ErrorAnswer } from './error-answer.js';

/** A client of a WebSocket gateway that can be told of an error. */
interface SocketLike {
  emit?(event: string, data: unknown): unknown;
}

/** Answers library errors that no interceptor sees: those of guards and of middleware. */
@Catch(CowError)
export class CowExceptionFilter implements ExceptionFilter<CowError> {
  constructor(
    private readonly answer: ErrorAnswer,
    private readonly host: HttpAdapterHost,
  ) {}

  catch(error: CowError, host: ArgumentsHost): unknown {
    switch (host.getType<string>()) {
      case 'http':
        new BaseExceptionFilter(this.host.httpAdapter).catch(this.answer.thrown(error, host), host);
        return undefined;
      case 'rpc':
        return throwError(() => error);
      case 'ws': {
        const { code, message } = error;
        host.switchToWs().getClient<SocketLike>().emit?.('exception', { status: 'error', code, message });
        return undefined;
      }
      default:
        throw error; // GraphQL and others report what is thrown
    }
  }
}
