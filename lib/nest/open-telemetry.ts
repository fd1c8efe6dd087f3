import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { LoadEvent, OutcomeEvent } from '../unit-of-work/signals.js';

/** What is used of `@opentelemetry/api`, an optional peer. */
interface Api {
  readonly trace: { getTracer(name: string): Tracer };
  readonly SpanKind: { readonly CLIENT: number };
  readonly SpanStatusCode: { readonly ERROR: number };
}

interface Tracer {
  startSpan(name: string, options: { startTime: number; kind: number; attributes: Record<string, unknown> }): Span;
}

interface Span {
  setStatus(status: { code: number; message: string }): unknown;
  recordException(error: Error): unknown;
  end(): void;
}

/** The channels are the process's: of several applications in it one is enough. */
const waiting: OpenTelemetry[] = [];

/**
 * Makes a span of each load and each flush, below the one that is active where they happen, when `@opentelemetry/api`
 * is installed. Attributes name entities and counts, never values.
 */
@Injectable()
export class OpenTelemetry implements OnApplicationBootstrap, OnApplicationShutdown {
  private api: Api | undefined;

  async onApplicationBootstrap(): Promise<void> {
    this.api = (await import('@opentelemetry/api').catch(() => undefined)) as Api | undefined;
    if (this.api === undefined) return;
    waiting.push(this);
    if (waiting.length === 1) this.listen();
  }

  onApplicationShutdown(): void {
    const index = waiting.indexOf(this);
    if (index < 0) return;
    waiting.splice(index, 1);
    if (index > 0) return;
    unsubscribe('nestjs-cow:load', this.load);
    unsubscribe('nestjs-cow:outcome', this.flush);
    waiting[0]?.listen();
  }

  private listen(): void {
    subscribe('nestjs-cow:load', this.load);
    subscribe('nestjs-cow:outcome', this.flush);
  }

  private readonly load = (event: unknown): void => {
    const { entity, collection, documents, durationMS } = event as LoadEvent;
    const attributes = { 'db.system': 'mongodb', 'db.collection.name': collection, 'cow.entity': entity };
    this.span(`load ${entity}`, durationMS, { ...attributes, 'cow.documents': documents })?.end();
  };

  private readonly flush = (event: unknown): void => {
    const { flushId, label, outcome, writes, retries, durationMS, error } = event as OutcomeEvent;
    const span = this.span('flush', durationMS, {
      'db.system': 'mongodb',
      'cow.flush_id': flushId,
      ...(label === undefined ? {} : { 'cow.label': label }),
      'cow.outcome': outcome,
      'cow.writes': writes,
      'cow.retries': retries,
    });
    if (error instanceof Error) {
      const { name } = error; // its text may quote the server's, which may quote values
      span?.recordException({ name, message: name });
      span?.setStatus({ code: this.api!.SpanStatusCode.ERROR, message: outcome });
    }
    span?.end();
  };

  /** A span of what has just ended. */
  private span(name: string, durationMS: number, attributes: Record<string, unknown>): Span | undefined {
    const { trace, SpanKind } = this.api!;
    // The tracer is asked for each time: an SDK may be registered after the application has started.
    return trace
      .getTracer('nestjs-cow')
      .startSpan(name, { startTime: Date.now() - durationMS, kind: SpanKind.CLIENT, attributes });
  }
}
