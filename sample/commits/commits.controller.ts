import { Controller, Sse, type MessageEvent } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { randomUUID } from 'node:crypto';
import { endWith, ignoreElements, interval, map, merge, of, takeUntil, type Observable } from 'rxjs';
import { ReadOnly } from '../../lib/index.js';
import { CommitsService, type Told } from './commits.service.js';

const HEARTBEAT_MS = 15_000;
/** When a client tries again after the connection was lost. */
const RETRY_MS = 1_000;

@ApiTags('commits')
@Controller('commits')
export class CommitsController {
  /** Tells a client that came back whether it is still the same process. */
  private readonly process = randomUUID();

  constructor(private readonly service: CommitsService) {}

  @Sse()
  @ReadOnly()
  @ApiOperation({ summary: 'Tells of every commit: the commands, their bytes, and those of saving whole documents' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'Events named "hello", "commit" and "request".' })
  watch(): Observable<MessageEvent> {
    const { told } = this.service;
    const hello = { type: 'hello', retry: RETRY_MS, data: { process: this.process } };
    const heartbeat = interval(HEARTBEAT_MS).pipe(map(() => ({ comment: 'still here' })));
    const ended = told.pipe(ignoreElements(), endWith('ended'));
    return merge(of(hello), told.pipe(map(eventOf)), heartbeat).pipe(takeUntil(ended));
  }
}

function eventOf(told: Told): MessageEvent {
  return told.type === 'commit' ? { ...told, id: told.data.flushId } : { ...told, id: told.data.id };
}
