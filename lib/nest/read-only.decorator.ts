import { SetMetadata } from '@nestjs/common';

/** Metadata key of `@ReadOnly()`. */
export const READ_ONLY = 'nestjs-cow:read-only';

/**
 * Makes the unit of work of a handler, or of every handler of a controller, read-only: nothing is tracked, and a
 * write is an error.
 *
 * @param isReadOnly `false` lifts it for one handler of a read-only controller
 */
export const ReadOnly = (isReadOnly = true): ClassDecorator & MethodDecorator => SetMetadata(READ_ONLY, isReadOnly);
