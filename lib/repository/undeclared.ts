import type { ObjectMap } from '../mapping/index.js';

const warned = new Set<string>();

/**
 * Names, once and in development, what `create()` or `assign()` was given and left out since the class does not declare
 * it: most often a DTO's extra key, or a forgotten `@Prop()`.
 */
export function warnLeftOut(method: string, map: ObjectMap, data: object): void {
  if (process.env.NODE_ENV === 'production') return;
  for (const key of Object.keys(data)) {
    const name = `${map.name}.${key}`;
    if (map.byProperty.has(key) || key === map.discriminator?.stored || warned.has(name)) continue;
    if (key in (map.target.prototype as object)) continue; // a getter: what an entity or its JSON form brings along
    warned.add(name);
    process.emitWarning(
      `${name} is not declared: ${method}() left it out. Put @Prop() above it if it should be stored, or keep it from ` +
        'the data: new ValidationPipe({ whitelist: true }).',
      { type: 'CowWarning', code: 'UNDECLARED_KEY' },
    );
  }
}
