import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { encodeDocument, RawValue } from '../../../../lib/bson/raw-value.js';
import { DocumentCodec } from '../../../../lib/bson/document-codec.js';
import { Entity, Id, Prop, entityMapOf } from '../../../../lib/mapping/index.js';
import { Merge } from '../../../../lib/unit-of-work/union-merge.js';
import type { UnionConflict } from '../../../../lib/unit-of-work/union-conflict.js';

@Entity()
class Subject {
  @Id() id!: string;
  @Prop() v?: number;
  @Prop(() => [Number]) list?: number[];
  @Prop(() => [Number]) listed: number[] = [];
  @Prop({ merge: 'sum' }) sum?: number;
  @Prop({ merge: 'max' }) max?: number;
  @Prop({ type: () => [String], merge: 'set' }) tags?: string[];
  @Prop({ type: Set, of: String }) roles?: Set<string>;
  @Prop({ type: Object }) free?: unknown;
}

const map = entityMapOf(Subject);
const codec = DocumentCodec.of(map);

/** The merged value; `'conflict'` where there is none. */
function merged(property: string, original: unknown, ours: unknown, theirs: unknown): unknown {
  const field = map.byProperty.get(property)!;
  const stored = (value: unknown) =>
    RawValue.ofDocument(encodeDocument({ v: value }))
      .fields()
      .get('v');
  const conflicts: UnionConflict[] = [];
  const three = { original: stored(original), ours: stored(ours), theirs: stored(theirs) };
  const raw = new Merge('Subject', '1', 'error', conflicts).field(field, three, property, codec.defaultOf(field));
  if (conflicts.length > 0) return conflicts.map(({ path }) => path).join();
  return raw === undefined ? undefined : codec.decode(field, raw);
}

describe('the merge of a field', () => {
  it.each<[string, string, unknown, unknown, unknown, unknown]>([
    ['one side', 'v', 1, 1, 2, 2],
    ['the other side', 'v', 1, 2, 1, 2],
    ['removed by one', 'v', 1, 1, undefined, undefined],
    ['equal changes', 'v', 1, 2, 2, 2],
    ['other changes', 'v', 1, 2, 3, 'v'],
    ['edit against removal', 'v', 1, 2, undefined, 'v'],
    ['sums', 'sum', 1, 3, 4, 6],
    ['equal sums', 'sum', 1, 2, 2, 3],
    ['sums of nothing', 'sum', undefined, 2, 3, 5],
    ['a removed sum', 'sum', 1, undefined, 3, 'sum'],
    ['the higher maximum', 'max', 1, 5, 3, 5],
    ['a maximum lowered by one', 'max', 5, 5, 3, 3],
    ['sets without regard to order', 'tags', ['a', 'b'], ['b', 'a', 'c'], ['b', 'd'], ['b', 'c', 'd']],
    ['Sets', 'roles', ['a'], ['a', 'b'], ['c'], new Set(['b', 'c'])],
    ['appends, the receiver’s first', 'list', [1], [1, 2], [1, 3], [1, 2, 3]],
    ['equal appends', 'list', [1], [1, 2], [1, 2], [1, 2, 2]],
    ['appends to what reads as empty', 'listed', undefined, [1], [2], [1, 2]],
    ['an append and an edit', 'list', [1, 2], [5, 2], [1, 2, 3], [5, 2, 3]],
    ['edits of two places', 'list', [1, 2], [5, 2], [1, 6], [5, 6]],
    ['edits of one place', 'list', [1, 2], [5, 2], [6, 2], 'list.0'],
    ['a removal and an append', 'list', [1, 2], [2], [1, 2, 3], [2, 3]],
    ['removals of two', 'list', [1, 2, 3], [2, 3], [1, 2], [2]],
    ['equal lists', 'list', [1, 2], [3], [3], [3]],
    ['other lists', 'list', [1, 2], [2, 1, 1], [2], 'list'],
    [
      'keys of an object',
      'free',
      { a: 1, b: { c: 1 } },
      { a: 2, b: { c: 1 } },
      { a: 1, b: { c: 1, d: 1 } },
      { a: 2, b: { c: 1, d: 1 } },
    ],
    ['one key of an object', 'free', { a: { b: 1 } }, { a: { b: 2 } }, { a: { b: 3 } }, 'free.a.b'],
    ['numbers of two types', 'v', 5, 5.0, 6, 6],
  ])('%s', (_name, property, original, ours, theirs, expected) => {
    expect(merged(property, original, ours, theirs)).toEqual(expected);
  });
});
