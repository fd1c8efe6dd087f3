const warned = new Set<string>();

/** Once a class and property, in development: most often a forgotten `@Prop()`. */
export function warnUndeclared(entity: string, property: string): void {
  const name = `${entity}.${property}`;
  if (process.env.NODE_ENV === 'production' || warned.has(name)) return;
  warned.add(name);
  process.emitWarning(
    `${name} is not declared: it stays in memory and is not stored. Put @Prop() above it if it should be.`,
    {
      type: 'CowWarning',
      code: 'UNDECLARED_PROPERTY',
    },
  );
}
