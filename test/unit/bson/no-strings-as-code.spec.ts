import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const directory = join(process.cwd(), 'build', `no-strings-as-code-${process.pid}`);

/** Reads and writes a document; prints whether code was generated, and what came of it. */
const SCRIPT = `
import 'reflect-metadata';
import { BSON, ObjectId } from 'mongodb';
import { mayGenerate } from './lib/bson/code-generation.js';
import { DocumentCodec } from './lib/bson/document-codec.js';
import { Entity, Id, Prop, entityMapOf } from './lib/mapping/index.js';
class Order {}
Id({ type: ObjectId })(Order.prototype, 'id');
Prop({ type: String })(Order.prototype, 'customer');
Prop({ type: [Number] })(Order.prototype, 'counts');
Entity()(Order);
const codec = DocumentCodec.of(entityMapOf(Order));
const bytes = Buffer.from(BSON.serialize({ _id: new ObjectId('6b015e530aefd284d2ac00e2'), customer: 'Ada', counts: [1, 2.5] }));
const order = codec.decodeInstance(bytes);
const positions = codec.layout.index(bytes, 0);
const field = codec.map.byProperty.get('counts');
console.log(JSON.stringify([mayGenerate(), order instanceof Order, order, codec.read(field, bytes, positions[field.index])]));
`;

beforeAll(() => {
  const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(bson|mapping|errors)\/.*\.ts$/.test(file),
  );
  for (const file of files) {
    const target = join(directory, 'lib', file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const { outputText } = ts.transpileModule(readFileSync(join('lib', file), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    });
    writeFileSync(target, outputText);
  }
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(directory, 'script.js'), SCRIPT);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function run(...flags: string[]): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, join(directory, 'script.js')], {
    encoding: 'utf8',
  });
  return stdout === '' ? stderr : JSON.parse(stdout);
}

describe('where Node refuses code from strings', () => {
  const read = [true, { id: '6b015e530aefd284d2ac00e2', customer: 'Ada', counts: [1, 2.5] }, [1, 2.5]];

  it('documents are read all the same', () => {
    expect(run()).toEqual([true, ...read]);
    expect(run('--disallow-code-generation-from-strings')).toEqual([false, ...read]);
  });
});
