import { Controller, Sse, type MessageEvent } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { endWith, ignoreElements, interval, map, merge, of, takeUntil, type Observable } from 'rxjs';
import { ReadOnly } from '../../lib/index.js';
import { CommitsService } from './commits.service.js';

const HEARTBEAT_MS = 15_000;

@ApiTags('commits')
@Controller('commits')
export class CommitsController {
  constructor(private readonly service: CommitsService) {}

  @Sse()
  @ReadOnly()
  @ApiOperation({ summary: 'Tells of every commit: the commands, their bytes, and those of saving whole documents' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ description: 'Events named "commit".' })
  watch(): Observable<MessageEvent> {
    const { commits } = this.service;
    const events = commits.pipe(map((commit) => ({ type: 'commit', id: commit.flushId, data: commit })));
    const heartbeat = interval(HEARTBEAT_MS).pipe(map(() => ({ comment: 'still here' })));
    const ended = commits.pipe(ignoreElements(), endWith('ended'));
    return merge(of({ comment: 'listening' }), events, heartbeat).pipe(takeUntil(ended));
  }
}
