import 'reflect-metadata';

// Nest's own keys, which it does not export, and which are the same in versions 11 and 12.
const ROUTE_ARGUMENTS = '__routeArguments__';
const PASSTHROUGH = '__responsePassthrough__';
const SSE = '__sse__';
/** Kinds of parameters, as the keys of the arguments begin: `@Res()`, `@Next()`. */
const OWN_ANSWER: Readonly<Record<string, string>> = { 1: '@Res()', 2: '@Next()' };

/** Metadata key of what `@Transactional({ flush })` declares, for the unit of work that surrounds the method. */
export const HANDLER_FLUSH = 'nestjs-cow:flush';

export function isSse(handler: object): boolean {
  return Reflect.getMetadata(SSE, handler) === true;
}

/**
 * Why a failed flush cannot reach the client of a handler: it answers by itself, or has begun to answer before its end.
 *
 * @returns undefined for a handler whose answer waits for the flush
 */
export function ownAnswer(type: object, handler: (...args: never[]) => unknown): string | undefined {
  if (isSse(handler)) return 'sends events (@Sse())';
  if (isGenerator(handler)) return 'is a generator';
  const name = handler.name;
  if (Reflect.getMetadata(PASSTHROUGH, type, name) === true) return undefined;
  const parameters = (Reflect.getMetadata(ROUTE_ARGUMENTS, type, name) ?? {}) as object;
  for (const key of Object.keys(parameters)) {
    const decorator = OWN_ANSWER[key.split(':', 1)[0]!];
    if (decorator !== undefined) return `answers by itself (${decorator} without { passthrough: true })`;
  }
  return undefined;
}

function isGenerator(handler: object): boolean {
  return ['GeneratorFunction', 'AsyncGeneratorFunction'].includes(handler.constructor.name);
}
