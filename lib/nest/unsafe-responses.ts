import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { CowError } from '../errors/index.js';
import { ConnectionRegistry } from './connection-registry.js';
import { HANDLER_FLUSH, ownAnswer } from './handler-kind.js';
import { READ_ONLY } from './read-only.decorator.js';

type Handler = (...args: never[]) => unknown;

/** Key of Nest's own for the path of a handler, without which a method is none. */
const PATH = 'path';

/**
 * Looks at start for handlers whose client cannot be told of a failed flush, and names each; with
 * `unsafeResponses: 'refuse'` the application does not start.
 */
@Injectable()
export class UnsafeResponses implements OnApplicationBootstrap {
  private readonly logger = new Logger('CowModule');

  constructor(
    private readonly modules: ModulesContainer,
    private readonly connections: ConnectionRegistry,
    private readonly reflector: Reflector,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.connections.flush === 'manual') return;
    const found = [...this.find()];
    const [first] = found;
    if (first === undefined) return;
    if (this.connections.unsafeResponses === 'refuse') {
      await this.connections.abandon(); // nobody closes what an application that did not start has opened
      throw first;
    }
    for (const error of found) this.logger.warn(error.message);
  }

  private *find(): Iterable<CowError> {
    const scanner = new MetadataScanner();
    for (const { controllers } of this.modules.values()) {
      for (const { metatype } of controllers.values()) {
        if (typeof metatype !== 'function') continue;
        const { prototype } = metatype as { prototype: Record<string, Handler> };
        for (const name of scanner.getAllMethodNames(prototype)) {
          const error = this.check(metatype as new () => object, prototype[name]!);
          if (error !== undefined) yield error;
        }
      }
    }
  }

  private check(type: new () => object, handler: Handler): CowError | undefined {
    if (Reflect.getMetadata(PATH, handler) === undefined) return undefined;
    if (!isUnsafe(this.reflector, type, handler)) return undefined;
    return unsafeResponse(type, handler);
  }
}

/** Does nothing hold the answer of this handler back until its changes are written? */
export function isUnsafe(reflector: Reflector, type: new () => object, handler: Handler): boolean {
  if (ownAnswer(type, handler) === undefined) return false;
  if (Reflect.getMetadata(HANDLER_FLUSH, handler) === 'manual') return false;
  return reflector.getAllAndOverride<boolean | undefined>(READ_ONLY, [handler, type]) !== true;
}

/** @param isOver did it end with changes that nobody flushed? */
export function unsafeResponse(type: new () => object, handler: Handler, isOver = false): CowError {
  return new CowError('UnsafeResponse', {
    option: `${type.name}.${handler.name}()`,
    reason: ownAnswer(type, handler)!,
    ...(isOver ? { given: 'it ended with changes, and none of them was written' } : {}),
  });
}
