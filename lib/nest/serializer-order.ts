import { ClassSerializerInterceptor, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { UnitOfWorkInterceptor } from './unit-of-work.interceptor.js';

/** The part of Nest's container that knows the interceptors of the application, in their order, and its controllers. */
interface ContainerLike {
  readonly applicationConfig?: { getGlobalInterceptors?(): readonly unknown[] };
  getModules?(): ReadonlyMap<string, { readonly controllers: ReadonlyMap<unknown, { readonly metatype: unknown }> }>;
}

/** Nest's own key of what `@UseInterceptors()` was given. */
const INTERCEPTORS = '__interceptors__';

/**
 * Warns at start of a serializer that runs before the flush: what it answers then lacks what the flush writes, a
 * version or a time of the last change.
 */
@Injectable()
export class SerializerOrder implements OnApplicationBootstrap {
  private readonly logger = new Logger('CowModule');

  constructor(private readonly moduleRef: ModuleRef) {}

  onApplicationBootstrap(): void {
    const { container } = this.moduleRef as unknown as { container?: ContainerLike };
    const place = globalPlace(container) ?? controllerPlace(container);
    if (place === undefined) return;
    this.logger.warn(
      `ClassSerializerInterceptor was given to ${place}: it serialises before the flush, so answers lack what the ` +
        'flush writes. Provide it in the root module instead: ' +
        '{ provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor }.',
    );
  }
}

/** Of two interceptors the first in the list is the outer one, which serialises after the inner one's flush. */
function globalPlace(container: ContainerLike | undefined): string | undefined {
  const interceptors = container?.applicationConfig?.getGlobalInterceptors?.() ?? [];
  const flushing = interceptors.findIndex((one) => one instanceof UnitOfWorkInterceptor);
  const isEarly = interceptors.some((one, index) => isSerializer(one) && index > flushing);
  return isEarly ? 'app.useGlobalInterceptors() or to an imported module' : undefined;
}

/** The first controller or handler that has one of its own. */
function controllerPlace(container: ContainerLike | undefined): string | undefined {
  for (const module of container?.getModules?.().values() ?? []) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype !== 'function') continue;
      if (hasSerializer(metatype)) return `@UseInterceptors() of ${metatype.name}`;
      const prototype = metatype.prototype as Record<string, unknown>;
      for (const name of Object.getOwnPropertyNames(prototype)) {
        const handler = Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown;
        if (typeof handler === 'function' && hasSerializer(handler)) {
          return `@UseInterceptors() of ${metatype.name}.${name}()`;
        }
      }
    }
  }
  return undefined;
}

function hasSerializer(target: object): boolean {
  const own = Reflect.getMetadata(INTERCEPTORS, target) as unknown;
  return Array.isArray(own) && own.some(isSerializer);
}

/** An instance, or the class itself. */
function isSerializer(value: unknown): boolean {
  if (value instanceof ClassSerializerInterceptor || value === ClassSerializerInterceptor) return true;
  return typeof value === 'function' && value.prototype instanceof ClassSerializerInterceptor;
}
