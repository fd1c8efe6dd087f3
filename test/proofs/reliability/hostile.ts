import 'reflect-metadata';
import { ObjectId, BSON } from 'mongodb';
import { isCowError } from '../../../lib/errors/index.js';
import { Embedded, Entity, Id, Prop, Version, entityMapOf } from '../../../lib/mapping/index.js';
import { castId, checkPipeline, compileFields, compileFilter, compileSort, op } from '../../../lib/query/index.js';
import { Repository } from '../../../lib/repository/index.js';
import { Connection } from '../../../lib/unit-of-work/connection.js';
import { requireScope } from '../../../lib/unit-of-work/context.js';
import { planScope } from '../../../lib/unit-of-work/flush-conductor.js';
import { runInNew } from '../../../lib/unit-of-work/lifecycle.js';
import type { EntityStore } from '../../../lib/unit-of-work/entity-store.js';
import { commandFor } from '../../../lib/flush/commands.js';
import type { Proof, ProofOptions } from '../proof.js';
import { Dice, hostileName, hostileObject, hostileValue } from './hostile-values.js';

@Embedded({ key: 'sku' })
class Item {
  @Prop() sku!: string;
  @Prop() qty!: number;
}

@Embedded()
class Address {
  @Prop() city!: string;
  @Prop({ type: Object }) extra?: unknown;
}

@Entity({ collection: 'targets' })
class Target {
  @Id() id!: ObjectId;
  @Prop() name!: string;
  @Prop() qty!: number;
  @Prop() when?: Date;
  @Prop() big?: bigint;
  @Prop() ref?: ObjectId;
  @Prop(() => [String]) tags!: string[];
  @Prop(() => [Item]) items!: Item[];
  @Prop() address!: Address;
  @Prop({ type: Map, of: Number }) stock?: Map<string, number>;
  @Prop({ type: Object }) meta?: unknown;
  @Version() version!: number;
}

const FIELDS = [
  'name',
  'qty',
  'when',
  'big',
  'ref',
  'tags',
  'items',
  'address',
  'stock',
  'meta',
  'address.city',
  'items.sku',
  'id',
];

const ID = new ObjectId('650000000000000000000001');
const STORED = BSON.serialize({
  _id: ID,
  name: 'n',
  qty: 1,
  tags: ['a'],
  items: [{ sku: 'x', qty: 1 }],
  address: { city: 'c', old: 1 },
  version: 3,
  isAdmin: false,
});

/** What one input may take, in ms; a slow one is tried again, since machines are shared. */
const MOST_MS = 50;

/** Inputs that try to be more than values. */
export const hostile: Proof = {
  name: 'hostile',
  about: 'fuzzed filters, ids, DTOs, paths and pipelines: no crash, no pollution, no operator through, none slow',
  runs: 1_000_000,
  short: 30_000,
  async run(options) {
    const settings = { atomicity: 'transaction', flushTimeoutMS: 20_000, validate: false } as const;
    const connection = new Connection('default', options.client, options.client.db(options.database), settings);
    const attack = new Attack(options, connection.store(entityMapOf(Target)));
    for (let index = 0; index < options.runs; index++) {
      await attack.once(index);
      if (index % 1_000 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        options.progress(index + 1);
      }
      if (attack.figures.failures > 50) break;
    }
    return attack.figures;
  },
};

/** What an input was tried on: what it became, if it was taken. */
type Attempt = (dice: Dice) => unknown;

class Attack {
  readonly figures = {
    failures: 0,
    inputs: 0,
    refused: 0,
    taken: 0,
    crashes: 0,
    polluted: 0,
    through: 0,
    slow: 0,
    slowestMS: 0,
  };
  private readonly repository: Repository<Target>;
  private readonly attempts: readonly (readonly [string, Attempt])[];

  constructor(
    private readonly options: ProofOptions,
    private readonly store: EntityStore,
  ) {
    this.repository = new Repository<Target>(store);
    const { map } = store;
    this.attempts = [
      ['filter', (dice) => operators(compileFilter(map, { [dice.of(FIELDS)]: hostileValue(dice) }), ['$eq', '$and'])],
      ['filter', (dice) => operators(compileFilter(map, hostileObject(dice)), ['$eq', '$and'])],
      ['filter', (dice) => operators(compileFilter(map, hostileValue(dice)), ['$eq', '$and'])],
      ['operator', (dice) => this.operator(dice)],
      ['id', (dice) => operators({ _id: castId(map, hostileValue(dice)) }, [])],
      ['fields', (dice) => operators(compileFields(map, [hostileName(dice)], { exact: true }).projection, [])],
      ['sort', (dice) => operators(compileSort(map, hostileObject(dice)), [])],
      ['pipeline', (dice) => operators(checkPipeline([hostileObject(dice)] as never), null)],
      ['assign', (dice) => this.assign(dice)],
      ['assign', (dice) => this.assign(dice)],
      ['create', (dice) => this.create(dice)],
    ];
  }

  async once(index: number): Promise<void> {
    const { figures } = this;
    const seed = (this.options.seed * 1_000_003 + index) | 0;
    const [name, attempt] = this.attempts[index % this.attempts.length]!;
    figures.inputs++;
    const { error, wrong, ...first } = await this.timed(attempt, seed);
    let { ms } = first;
    for (let again = 0; again < 3 && ms > MOST_MS; again++) {
      const next = await this.timed(attempt, seed);
      ms = Math.min(ms, next.ms);
    }
    figures.slowestMS = Math.max(figures.slowestMS, Math.round(ms * 10) / 10);
    if (error === undefined) figures.taken++;
    else figures.refused++;
    const fail = (kind: 'crashes' | 'polluted' | 'through' | 'slow', text: string) => {
      figures[kind]++;
      figures.failures++;
      this.options.report(`seed ${this.options.seed}, input ${index} (${name}): ${text}`);
    };
    if (error !== undefined && !isCowError(error)) fail('crashes', String((error as Error).stack));
    if (isPolluted()) fail('polluted', 'Object.prototype was changed');
    if (wrong !== undefined) fail('through', wrong);
    if (ms > MOST_MS) fail('slow', `${ms} ms`);
  }

  private async timed(attempt: Attempt, seed: number) {
    const dice = new Dice(seed);
    const started = performance.now();
    let error: unknown;
    let wrong: unknown;
    try {
      wrong = await attempt(dice);
    } catch (thrown) {
      error = thrown;
    }
    return { ms: performance.now() - started, error, wrong: wrong as string | undefined };
  }

  /** What the application's operator is given is a client's. */
  private operator(dice: Dice): string | undefined {
    const value = hostileValue(dice);
    const [operator, allowed] = dice.of<readonly [() => unknown, readonly string[]]>([
      [() => op.eq(value), ['$eq']],
      [() => op.ne(value), ['$ne', '$not', '$in']], // of a regular expression: not equal to it
      [() => op.gt(value), ['$gt']],
      [() => op.lte(value), ['$lte']],
      [() => op.in(value as never), ['$in']],
      [() => op.nin([value]), ['$nin', '$not', '$in']],
      [() => op.contains(value as never), ['$regex', '$options']],
      [() => op.startsWith(value as never, { ignoreCase: true }), ['$regex', '$options']],
      [() => op.endsWith(value as never), ['$regex', '$options']],
    ]);
    const filter = compileFilter(this.store.map, { [dice.of(FIELDS)]: operator() });
    const regex = Object.values(filter).map((condition) => patternOf(condition))[0];
    if (regex !== undefined) {
      if (typeof value === 'string' && regex.test('zzz') && value !== '' && !'zzz'.includes(value))
        return `${value} became a pattern`;
      regex.test('a'.repeat(5_000)); // a pattern that backtracks would be slow
    }
    return operators(filter, [...allowed, '$eq', '$and']);
  }

  /** A DTO on a loaded entity: what would be sent must be declared fields, and none of the library's own. */
  private async assign(dice: Dice): Promise<string | undefined> {
    return runInNew({ flush: 'manual' }, () => {
      const scope = requireScope('proof');
      const entity = scope.materialise(this.store, Buffer.from(STORED)).entity as Target;
      const dto =
        dice.below(2) === 0 ? hostileObject(dice) : { [dice.of(FIELDS)]: hostileValue(dice), ...hostileObject(dice) };
      this.repository.assign(entity, dto);
      const [planned] = planScope(scope);
      if (!entity.id.equals(ID) || entity.version !== 3) return 'the id or the version was assigned';
      return planned === undefined ? undefined : updateOf(commandFor([planned.write], true));
    });
  }

  private async create(dice: Dice): Promise<string | undefined> {
    return runInNew({ flush: 'manual' }, () => {
      const scope = requireScope('proof');
      this.repository.create({ [dice.of(FIELDS)]: hostileValue(dice), ...hostileObject(dice) });
      const [planned] = planScope(scope);
      const document = BSON.deserialize(planned?.after?.bytes ?? BSON.serialize({}));
      const undeclared = Object.keys(document).find((name) => !this.store.map.byStored.has(name));
      if (undeclared !== undefined) return `the undeclared field ${undeclared} would be stored`;
      return document.version === 1 ? undefined : 'the version was given';
    });
  }
}

/** The operators of an update: of the library's, on declared paths only. */
function updateOf(command: Record<string, unknown>): string | undefined {
  const [{ u: update, q: filter }] = command.updates as [{ u: Record<string, Record<string, unknown>>; q: object }];
  if (Array.isArray(update)) return 'the update became a pipeline';
  for (const [operator, paths] of Object.entries(update)) {
    if (!['$set', '$unset', '$push', '$pull', '$pullAll', '$inc', '$max', '$addToSet', '$pop'].includes(operator))
      return `the operator ${operator} would be sent`;
    for (const path of Object.keys(paths)) {
      const [root = '', ...rest] = path.split('.');
      if (!DECLARED.has(root)) return `the path ${path} would be written`;
      if (
        rest.some((part) => part === '' || part === '__proto__' || (part.startsWith('$') && !/^\$\[\w*\]$/.test(part)))
      )
        return `the path ${path} would be written`;
      if (root === '_id' || (root === 'version' && operator !== '$inc'))
        return `${path} would be written by ${operator}`;
    }
  }
  return JSON.stringify(filter).includes('$where') ? 'a $where would be sent' : undefined;
}

const DECLARED = new Set([...FIELDS.filter((name) => !name.includes('.') && name !== 'id'), 'version']);

/**
 * @param allowed operators that the library writes here itself; null: any but those that run JavaScript or write
 * @returns what is wrong
 */
function operators(compiled: unknown, allowed: readonly string[] | null, depth = 0): string | undefined {
  if (typeof compiled !== 'object' || compiled === null || depth > 200) return undefined;
  if ('_bsontype' in compiled || compiled instanceof Date || compiled instanceof RegExp || ArrayBuffer.isView(compiled))
    return undefined;
  for (const [name, part] of Object.entries(compiled)) {
    if (name.startsWith('$') && (allowed === null ? FORBIDDEN.has(name) : !allowed.includes(name)))
      return `the operator ${name} is sent`;
    const inner = operators(part, allowed, depth + 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

const FORBIDDEN = new Set(['$where', '$function', '$accumulator', '$out', '$merge']);

function patternOf(condition: unknown): RegExp | undefined {
  const { $regex } = (condition ?? {}) as { $regex?: unknown };
  if ($regex instanceof RegExp) return $regex;
  const { pattern } = ($regex ?? {}) as { pattern?: unknown };
  const text = typeof $regex === 'string' ? $regex : pattern;
  return typeof text === 'string' ? new RegExp(text) : undefined;
}

const OWN = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Target.prototype].map(
  (prototype) => [prototype, Reflect.ownKeys(prototype).length] as const,
);

function isPolluted(): boolean {
  return 'polluted' in {} || OWN.some(([prototype, count]) => Reflect.ownKeys(prototype).length !== count);
}
