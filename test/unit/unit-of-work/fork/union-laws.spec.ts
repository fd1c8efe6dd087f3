import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BSON, ObjectId } from 'mongodb';
import { identityKey } from '../../../../lib/bson/identity-key.js';
import { entityMapOf } from '../../../../lib/mapping/index.js';
import type { Connection } from '../../../../lib/unit-of-work/connection.js';
import { EntityStore } from '../../../../lib/unit-of-work/entity-store.js';
import { dropFork, forkScope } from '../../../../lib/unit-of-work/fork.js';
import { Scope } from '../../../../lib/unit-of-work/scope.js';
import { unite } from '../../../../lib/unit-of-work/union.js';
import { Forked, initial } from '../../../proofs/forks/subject.js';

/** What one side does. Sides take turns at the fields that do not commute: what they do never conflicts. */
interface Step {
  readonly kind: 'text' | 'num' | 'city' | 'street' | 'tags' | 'views' | 'labels' | 'stock' | 'line' | 'new';
  readonly document: number;
  readonly value: number;
}

const step = (kinds: readonly Step['kind'][]): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constantFrom(...kinds), document: fc.nat(2), value: fc.nat(99) });

const COMMUTING = ['tags', 'views', 'labels', 'stock', 'line', 'new'] as const;
const sides = fc.record({
  p: fc.array(step(['city', ...COMMUTING]), { maxLength: 4 }),
  a: fc.array(step(['text', 'num', ...COMMUTING]), { maxLength: 4 }),
  b: fc.array(step(['street', ...COMMUTING]), { maxLength: 4 }),
});
type Sides = typeof sides extends fc.Arbitrary<infer T> ? T : never;

const IDS = [1, 2, 3].map((n) => new ObjectId(String(n).repeat(24)));

/** A unit of work that has loaded three documents, without a server. */
function loaded(): { scope: Scope; store: EntityStore } {
  const stores = new Map<object, EntityStore>();
  const connection = { store: (map: object) => stores.get(map) } as unknown as Connection;
  const map = entityMapOf(Forked);
  const store = new EntityStore(connection, map);
  stores.set(map, store);
  const scope = new Scope({ label: 'laws' });
  for (const _id of IDS) {
    const { num, place, stock, ...fields } = initial();
    const document = { _id, ...fields, n: num, place: { city: place.city, str: place.street } };
    scope.materialise(store, Buffer.from(BSON.serialize({ ...document, stock: Object.fromEntries(stock) })));
  }
  return { scope, store };
}

/** One run of the three sides: the units of work before any union. */
class Tree {
  readonly p: Scope;
  readonly a: Scope;
  readonly b: Scope;
  readonly store: EntityStore;

  constructor(steps: Sides) {
    const { scope, store } = loaded();
    this.store = store;
    this.p = scope;
    this.a = forkScope(scope);
    this.b = forkScope(scope);
    for (const side of ['p', 'a', 'b'] as const) {
      for (const [at, each] of steps[side].entries()) this.apply(this[side], each, `${side}${at}`);
    }
  }

  private apply(scope: Scope, { kind, document, value }: Step, name: string): void {
    if (kind === 'new') {
      // The same id in every run of a case: so that results can be compared.
      const id = new ObjectId(Buffer.from(name.padEnd(12, '-')));
      const made = Object.assign(new Forked(), initial(), { id, text: name });
      scope.add(this.store, made, id);
      return;
    }
    const entity = scope.find(this.store, identityKey(IDS[document]!))!.entity as Forked;
    if (kind === 'text') entity.text = name;
    else if (kind === 'num') entity.num = value;
    else if (kind === 'city' || kind === 'street') entity.place[kind] = name;
    else if (kind === 'tags') entity.tags.push(name);
    else if (kind === 'views') entity.views += value;
    else if (kind === 'labels') entity.labels.push(name);
    else if (kind === 'stock') entity.stock.set(name, value);
    else entity.lines.push({ sku: name, qty: value });
  }

  /** What a unit of work shows; the order of appended elements, which says who received whom, only if asked for. */
  shown(scope: Scope, isOrdered: boolean): object[] {
    const sorted = <T>(list: T[]) =>
      isOrdered ? list : [...list].sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1));
    return [...scope.entities()]
      .map(({ entity }) => {
        const { id, tags, labels, lines, stock, ...rest } = { ...(entity as Forked) };
        const appended = {
          tags: sorted(tags),
          labels: sorted(labels),
          lines: sorted(lines.map((line) => ({ ...line }))),
        };
        return { ...rest, ...appended, id: id.toHexString(), place: { ...rest.place }, stock: sorted([...stock]) };
      })
      .sort((x, y) => (x.id < y.id ? -1 : 1));
  }
}

describe('where nothing conflicts, the union', () => {
  it('is associative: p ∪ (a ∪ b) = (p ∪ a) ∪ b', () => {
    fc.assert(
      fc.property(sides, (steps) => {
        const [left, right] = [new Tree(steps), new Tree(steps)];
        unite(left.a, left.b);
        unite(left.p, left.a);
        unite(right.p, right.a);
        unite(right.p, right.b);
        expect(left.shown(left.p, true)).toEqual(right.shown(right.p, true));
      }),
      { numRuns: 300 },
    );
  });

  it('is commutative up to the order of appended elements: p ∪ a ∪ b = p ∪ b ∪ a', () => {
    fc.assert(
      fc.property(sides, (steps) => {
        const [left, right] = [new Tree(steps), new Tree(steps)];
        unite(left.p, left.a);
        unite(left.p, left.b);
        unite(right.p, right.b);
        unite(right.p, right.a);
        expect(left.shown(left.p, false)).toEqual(right.shown(right.p, false));
      }),
      { numRuns: 300 },
    );
  });

  it('of what is unmodified is identity: p ∪ a = p, and a ∪ b shows b', () => {
    fc.assert(
      fc.property(sides, (steps) => {
        const tree = new Tree({ ...steps, a: [] });
        const before = tree.shown(tree.p, true);
        const b = tree.shown(tree.b, true);
        const still = forkScope(tree.p);
        unite(tree.p, still);
        expect(tree.shown(tree.p, true)).toEqual(before);
        unite(tree.a, tree.b);
        expect(tree.shown(tree.a, true)).toEqual(b);
      }),
      { numRuns: 200 },
    );
  });

  it('does not see a fork that was dropped', () => {
    fc.assert(
      fc.property(sides, (steps) => {
        const [tree, other] = [new Tree(steps), new Tree({ ...steps, b: [] })];
        dropFork(tree.b);
        unite(tree.p, tree.a);
        unite(other.p, other.a);
        expect(tree.shown(tree.p, true)).toEqual(other.shown(other.p, true));
      }),
      { numRuns: 200 },
    );
  });
});
