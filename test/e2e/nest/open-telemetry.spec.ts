import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Param, Patch } from '@nestjs/common';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { InjectRepository, Repository } from '../../../lib/index.js';
import { outside, RunningApp, type Outside } from './support/app.js';
import { Order } from './support/entities.js';

let meanwhile: () => Promise<unknown> = async () => undefined;

@Controller('orders')
class Orders {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  @Patch(':id')
  change(@Param('id') id: string) {
    // What an instrumentation of HTTP does around a handler.
    return trace.getTracer('test').startActiveSpan('handler', async (span) => {
      (await this.orders.getById(id)).note = 'new';
      await meanwhile();
      span.end();
      return { changed: true };
    });
  }
}

describe('OpenTelemetry', () => {
  const exporter = new InMemorySpanExporter();
  const spans = () => exporter.getFinishedSpans();
  let at: Outside;
  let app: RunningApp;
  let id: string;
  const running = new Set<RunningApp>();
  const start = async () => {
    const one = await RunningApp.start(at, { entities: [Order], controllers: [Orders] });
    running.add(one);
    return one;
  };
  const stop = async (one: RunningApp) => {
    running.delete(one);
    await one.stop();
  };

  beforeAll(async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    at = outside();
    app = await start();
    id = await at.insert('orders', { customer: 'secret name', note: 'old', qty: 1 });
  });
  afterAll(async () => {
    for (const one of running) await stop(one);
    await at.end();
    trace.disable();
    context.disable();
  });
  beforeEach(async () => {
    meanwhile = async () => undefined;
    await at.collection('orders').updateMany({}, { $set: { note: 'old' } });
    exporter.reset();
  });

  it('has a span of each load and each flush, with names and counts, and no values', async () => {
    await app.http.patch(`/orders/${id}`).expect(200);
    const [load, handler, flush] = spans();
    expect(spans().map(({ name }) => name)).toEqual(['load Order', 'handler', 'flush']);
    expect(load!.attributes).toMatchObject({ 'db.collection.name': 'orders', 'cow.documents': 1 });
    expect(load!.parentSpanContext?.spanId).toBe(handler!.spanContext().spanId);
    expect(flush!.attributes).toMatchObject({
      'cow.outcome': 'committed',
      'cow.writes': 1,
      'cow.retries': 0,
      'cow.label': `PATCH /orders/${id}`,
    });
    expect(flush!.attributes['cow.flush_id']).toEqual(expect.any(String));
    for (const span of [load!, flush!]) {
      expect(span.kind).toBe(SpanKind.CLIENT);
      expect(Math.max(...span.duration)).toBeGreaterThan(0); // begins when what it tells of began
    }
    expect(JSON.stringify([load!.attributes, flush!.attributes])).not.toContain('secret');
  });

  it('marks the span of a flush that failed', async () => {
    meanwhile = () => at.collection('orders').updateMany({}, { $set: { note: 'theirs' } });
    await app.http.patch(`/orders/${id}`).expect(409);
    const flush = spans().find(({ name }) => name === 'flush')!;
    expect(flush.attributes['cow.outcome']).toBe('conflict');
    expect(flush.status.code).toBe(SpanStatusCode.ERROR);
    const exception = { 'exception.type': 'ConcurrentModification', 'exception.message': 'ConcurrentModification' };
    expect(flush.events).toMatchObject([{ name: 'exception' }]);
    expect(flush.events[0]!.attributes).toEqual(exception); // no text, which may quote values, and no stack
  });

  it('is one, however many applications there are, and goes on with the one that stays', async () => {
    const change = async ({ http }: RunningApp) => {
      await at.collection('orders').updateMany({}, { $set: { note: 'old' } });
      exporter.reset();
      await http.patch(`/orders/${id}`).expect(200);
      return spans().map(({ name }) => name);
    };
    const once = ['load Order', 'handler', 'flush'];
    const [listening, staying, waiting] = [app, await start(), await start()];
    app = staying; // for the other tests
    expect(await change(staying)).toEqual(once);
    await stop(waiting);
    expect(await change(staying)).toEqual(once);
    await stop(listening);
    expect(await change(staying)).toEqual(once);
  });
});
