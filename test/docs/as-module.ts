import type { Block } from './blocks.js';

/** What an example may use without importing it. */
const FREE: Record<string, readonly string[]> = {
  'nestjs-cow': [
    ...['CowModule', 'Entity', 'Embedded', 'Id', 'Prop', 'op', 'stateOf', 'snapshot', 'Repository', 'InjectRepository'],
    ...['UnitOfWork', 'Transactional', 'ReadOnly', 'Version', 'Index', 'Connection', 'CreatedAt', 'UpdatedAt'],
    ...['ParseObjectIdPipe', 'isCowError', 'CowError', 'ForkConflictError'],
  ],
  '@nestjs/common': ['Body', 'Controller', 'Get', 'Headers', 'Injectable', 'Module', 'Param', 'Patch', 'Post'],
  mongodb: ['ObjectId', 'Decimal128', 'Long', 'Binary', 'UUID'],
  './prelude.js': ['Order', 'LineItem', 'Address', 'Product', 'Guide', 'type Given'],
};

/** Values of `Given` (prelude.ts). */
const GIVEN = [
  ...['id', 'order', 'other', 'orders', 'unitOfWork', 'app', 'testing', 'dto'],
  ...['item', 'minimum', 'fork', 'rows'],
];

/** Lines that `asModule` puts before the example. */
export const HEAD = Object.keys(FREE).length + 1;

/** Every example is a module of its own; what it does not declare comes from the prelude. */
export function asModule(block: Block): string {
  const { text } = block;
  const declared = new Set(
    [...text.matchAll(/\b(?:class|const|let|function|import)\s+(?:type\s+)?\{?\s*([\w\s,]+)/g)].flatMap(([, names]) =>
      names!.split(/[\s,]+/),
    ),
  );
  const imports = Object.entries(FREE).map(
    ([from, names]) => `import { ${names.filter((name) => !declared.has(name)).join(', ')} } from '${from}';`,
  );
  const given = GIVEN.filter((name) => !new RegExp(`\\b(const|let)\\s+${name}\\b`).test(text));
  const values = given.map((name) => `declare const ${name}: Given['${name}'];`).join(' ');
  return [...imports, `${values} export {};`].join('\n') + '\n' + asStatements(block);
}

/**
 * An example with `this` and no class of its own is members of one, or the body of a method `example()`. Adds no line
 * before the text.
 */
export function asStatements({ text }: Block): string {
  if (!/\bthis\./.test(text) || /^(export )?class /m.test(text)) return text;
  const isMembers = /^(private )?async \w+\(/.test(text);
  return `class Example extends Guide { ${isMembers ? text : `async example() { ${text}\n}`}\n}`;
}
