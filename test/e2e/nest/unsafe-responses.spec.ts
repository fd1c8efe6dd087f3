import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Param, Patch, Res, Sse, StreamableFile } from '@nestjs/common';
import { get } from 'node:http';
import { from, of } from 'rxjs';
import { InjectRepository, ReadOnly, Repository, Transactional, UnitOfWork } from '../../../lib/index.js';
import { currentScope } from '../../../lib/unit-of-work/context.js';
import type { Scope } from '../../../lib/unit-of-work/scope.js';
import { until } from '../../support/until.js';
import { outside, PLATFORMS, RunningApp } from './support/app.js';
import { Order } from './support/entities.js';

/** A response of Express or Fastify: both have `send`. */
interface Response {
  send(body: unknown): unknown;
}

let scope: Scope | undefined;
let release: () => void = () => undefined;

@Controller('orders')
class Answering {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  @Patch(':id/own')
  async own(@Param('id') id: string, @Res() response: Response) {
    (await this.orders.getById(id)).note = 'own';
    response.send({ answered: true });
  }

  @Patch(':id/own-before')
  async ownBefore(@Param('id') id: string, @Res() _response: Response) {
    (await this.orders.getById(id)).note = 'own, not answered yet';
  }

  @Patch(':id/own-flushed')
  async ownFlushed(@Param('id') id: string, @Res() response: Response) {
    (await this.orders.getById(id)).note = 'flushed';
    await this.unitOfWork.flush();
    response.send({ answered: true });
  }

  @Patch(':id/own-manual')
  @Transactional({ flush: 'manual' })
  async ownManual(@Param('id') id: string, @Res() response: Response) {
    (await this.orders.getById(id)).note = 'dropped on purpose';
    response.send({ answered: true });
  }

  @Get(':id/own-read')
  @ReadOnly()
  async ownRead(@Param('id') id: string, @Res() response: Response) {
    response.send({ note: (await this.orders.getById(id)).note });
  }

  @Patch(':id/passthrough')
  async passthrough(@Param('id') id: string, @Res({ passthrough: true }) _response: Response) {
    (await this.orders.getById(id)).note = 'passthrough';
    return { passthrough: true };
  }

  @Get(':id/file')
  async file(@Param('id') id: string) {
    (await this.orders.getById(id)).note = 'file';
    return new StreamableFile(Buffer.from('content'));
  }

  @Sse(':id/events')
  events(@Param('id') id: string) {
    return from(
      this.orders.getById(id).then((order) => {
        order.note = 'by an event';
        return { data: 'changed' };
      }),
    );
  }

  @Sse(':id/news')
  @ReadOnly()
  news() {
    return of({ data: 'news' });
  }

  @Get(':id/lines')
  async *lines(@Param('id') id: string) {
    yield `${id}\n`;
  }

  @Patch(':id/slow')
  async slow(@Param('id') id: string) {
    (await this.orders.getById(id)).note = 'slow';
    scope = currentScope();
    await new Promise<void>((resolve) => (release = resolve));
    return { slow: true };
  }
}

describe.each(PLATFORMS)('handlers that answer before their changes are written, on %s', (platform) => {
  const at = outside();
  const options = { platform, entities: [Order], controllers: [Answering] };
  let app: RunningApp;
  let id: string;
  const note = async () => (await at.collection('orders').findOne())?.note as string;
  const errors = () => app.log.with('error CowModule: Answering.');

  beforeAll(async () => {
    app = await RunningApp.start(at, options);
  });
  afterAll(async () => {
    await app.stop();
    await at.end();
  });
  beforeEach(async () => {
    await at.collection('orders').deleteMany({});
    id = await at.insert('orders', { customer: 'ada', note: 'old', qty: 1 });
    app.commands.clear();
  });

  it('are named at start, each once, with what to do', () => {
    const named = app.log.with('warn CowModule: Answering.').map((line) => /Answering\.(\w+)/.exec(line)![1]!);
    expect(named.sort()).toEqual(['events', 'lines', 'own', 'ownBefore', 'ownFlushed']);
    expect(app.log.with('Answering.own()')[0]).toContain('@Res() without { passthrough: true }');
    expect(app.log.with('Answering.own()')[0]).toContain("@Transactional({ flush: 'manual' })");
  });

  it('are an error when they end with changes: the answer is out, nothing is written, the log says so', async () => {
    const before = errors().length;
    await app.http.patch(`/orders/${id}/own`).expect(200, { answered: true });
    await until(() => errors().length > before);
    expect(errors().at(-1)).toContain('Answering.own() answers by itself');
    expect(errors().at(-1)).toContain('none of them was written');
    expect(app.commands.writes()).toEqual([]);
  });

  it('that have not answered yet answer the error', async () => {
    const { body } = await app.http.patch(`/orders/${id}/own-before`).expect(500);
    expect(body).toMatchObject({ code: 'UnsafeResponse' });
    expect(await note()).toBe('old');
  });

  it('may flush by themselves, say that they do not want to, or only read', async () => {
    const before = errors().length;
    await app.http.patch(`/orders/${id}/own-flushed`).expect(200, { answered: true });
    expect(await note()).toBe('flushed');
    await app.http.patch(`/orders/${id}/own-manual`).expect(200, { answered: true });
    expect(await note()).toBe('flushed');
    await app.http.get(`/orders/${id}/own-read`).expect(200, { note: 'flushed' });
    expect((await app.http.get(`/orders/${id}/news`).expect(200)).text).toContain('data: news');
    expect(errors()).toHaveLength(before);
  });

  it('with server-sent events report it as an event', async () => {
    const { text } = await app.http.get(`/orders/${id}/events`).expect(200);
    expect(text).toContain('event: error');
    expect(text).not.toContain('data: changed');
    expect(await note()).toBe('old');
  });

  it('with passthrough, and files, wait for the flush', async () => {
    await app.http.patch(`/orders/${id}/passthrough`).expect(200, { passthrough: true });
    expect(await note()).toBe('passthrough');
    const { body } = await app.http.get(`/orders/${id}/file`).expect(200);
    expect(String(body)).toBe('content');
    expect(await note()).toBe('file');
  });

  it("keep the application from starting with unsafeResponses: 'refuse'", async () => {
    const started = RunningApp.start(at, { ...options, cow: { unsafeResponses: 'refuse' } });
    const outcome = started.then(async (own) => {
      await own.stop(); // else the worker would wait for it
      return 'it started';
    });
    await expect(outcome).rejects.toMatchObject({ code: 'UnsafeResponse' });
  });

  it.each([
    [false, 'slow'],
    [true, 'old'],
  ])('a client that has gone: discardOnDisconnect %s', async (discardOnDisconnect, expected) => {
    const own = await RunningApp.start(at, { ...options, cow: { discardOnDisconnect } });
    try {
      scope = undefined;
      const closed = new Promise<void>((resolve) => {
        own.nest.getHttpServer().once('connection', (socket: NodeJS.EventEmitter) => socket.once('close', resolve));
      });
      const client = get(`${own.url}/orders/${id}/slow`, { method: 'PATCH', agent: false }).on(
        'error',
        () => undefined,
      );
      await until(() => scope !== undefined);
      client.destroy();
      await closed;
      release();
      await until(() => scope!.closed);
      expect(await note()).toBe(expected);
    } finally {
      await own.stop();
    }
  });
});
