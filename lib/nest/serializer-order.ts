import { ClassSerializerInterceptor, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

/** The part of Nest's container that knows what `app.useGlobalInterceptors()` was given. */
interface ContainerLike {
  readonly applicationConfig?: { getGlobalInterceptors?(): readonly unknown[] };
}

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
    const interceptors = container?.applicationConfig?.getGlobalInterceptors?.() ?? [];
    if (!interceptors.some((interceptor) => interceptor instanceof ClassSerializerInterceptor)) return;
    this.logger.warn(
      'ClassSerializerInterceptor was given to app.useGlobalInterceptors(): it serialises before the flush, so answers ' +
        'lack what the flush writes. Provide it in the root module instead: ' +
        '{ provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor }.',
    );
  }
}
