import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ObjectId, type Document } from 'mongodb';
import ts from 'typescript';
import { op, type UnitOfWork } from '../../lib/index.js';
import { World } from '../integration/support/world.js';
import { asModule, HEAD } from './as-module.js';
import { blocksOf, pages, project, type Block } from './blocks.js';
import { Address, LineItem, Order, stored } from './prelude.js';

const all = pages().flatMap(blocksOf);
const code = all.filter(({ info }) => /^ts( sends)?$/.test(info));

describe('the code of the docs', () => {
  it('is all known to a test', () => {
    const others = all.filter((block) => !code.includes(block)).map(({ info }) => info);
    const known = ['js', 'json', 'sh', 'text', 'mermaid'];
    // Those with a file's name are compiled and run by test/package/quick-start.mjs.
    const quickStart = ['ts order.ts', 'ts main.ts', 'json tsconfig.json', 'sh start'];
    // See below.
    const peers = ['js mongoose', 'js mikro-orm'];
    expect(others.filter((info) => ![...known, ...quickStart, ...peers].includes(info))).toEqual([]);
  });

  it('compiles', () => {
    const sources = new Map(
      code.map((block, index) => [join(project, 'test/docs', `block-${index}.ts`), asModule(block)]),
    );
    const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), ts.sys.readFile) as { config: object };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, project);
    Object.assign(options, {
      noEmit: true,
      isolatedModules: false,
      paths: { 'nestjs-cow': ['./lib/index.ts'], 'nestjs-cow/*': ['./lib/*/index.ts'] },
    });
    const host = ts.createCompilerHost(options);
    const { readFile, fileExists, getSourceFile } = host;
    host.fileExists = (path) => sources.has(path) || fileExists(path);
    host.readFile = (path) => sources.get(path) ?? readFile(path);
    host.getSourceFile = (path, target, ...rest) => {
      const text = sources.get(path);
      if (text === undefined) return getSourceFile.call(host, path, target, ...rest);
      return ts.createSourceFile(path, text, target);
    };
    const program = ts.createProgram([...sources.keys()], options, host);
    const found = [...sources.keys()].flatMap((path, index) => {
      const file = program.getSourceFile(path)!;
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => {
        const line = file.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line - HEAD + 1;
        const { page, line: fence } = code[index]!;
        return `${page}:${fence + line} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`;
      });
    });
    expect(found).toEqual([]);
    expect(code.length).toBeGreaterThan(20);
  });
});

/** An example that says what it sends, and the block after it, which is that. */
const claims = all.flatMap((block, index) =>
  block.info === 'ts sends' ? [{ ...block, name: `${block.page}:${block.line}`, claim: all[index + 1]! }] : [],
);

/** The value that a block of the docs writes out. */
function evaluate({ text }: Block): unknown {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own pages
  return (new Function(`return (${text.trim()})`) as () => unknown)();
}

type Example = (...given: unknown[]) => Promise<void>;
const AsyncFunction = (async () => undefined).constructor as new (...parameters: string[]) => Example;

describe('what the docs say is sent', () => {
  const world = new World();
  beforeAll(() => world.open({}));
  afterAll(() => world.close());
  beforeEach(() => world.commands.clear());

  it.each(claims)('$name', async ({ text, claim }) => {
    const _id = await world.stored<ObjectId>(Order, { ...stored });
    const orders = world.repository(Order);
    const options = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
    const example = new AsyncFunction(
      ...['order', 'orders', 'id', 'unitOfWork', 'op', 'LineItem', 'Address', 'ObjectId'],
      ts.transpile(text, options),
    );
    const given = (order: Order, unitOfWork: UnitOfWork) => [order, orders, String(_id), unitOfWork, op];
    await world.uow.run(async () => {
      const order = await orders.getById(_id);
      world.commands.clear();
      await example(...given(order, world.uow), LineItem, Address, ObjectId);
    });
    const sent = world.updates.map(({ u }) => u as Document);
    expect(sent.length === 1 ? sent[0] : sent).toEqual(evaluate(claim));
  });

  it('is more than a few', () => expect(claims.length).toBeGreaterThan(5));
});

describe('what the README says that others send', () => {
  const seen = JSON.parse(readFileSync(join(project, 'bench/readme-method/seen.json'), 'utf8')) as Record<
    string,
    unknown[]
  >;

  it.each([
    ['js mongoose', 'Mongoose'],
    ['js mikro-orm', 'MikroORM'],
  ])('%s is what bench/readme-method saw', (info, peer) => {
    const [block] = blocksOf('README.md').filter((one) => one.info === info);
    expect([evaluate(block!)]).toEqual(seen[peer]);
  });

  it('was done by the lines that stand there', () => {
    const script = readFileSync(join(project, 'bench/readme-method/measure.mjs'), 'utf8');
    const [, body] = /function ship\(order, city\) \{\n([^}]*)\}/.exec(script)!;
    const [ours] = blocksOf('README.md').filter(({ info, text }) => info === 'ts' && text.includes('async ship('));
    for (const line of body!.trim().split('\n')) {
      expect(ours!.text.replaceAll('!.', '.')).toContain(line.trim());
    }
  });
});
