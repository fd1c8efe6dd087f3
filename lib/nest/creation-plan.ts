import type { Db, Document } from 'mongodb';
import { CowError } from '../errors/index.js';
import type { EntityMap, IndexMap } from '../mapping/index.js';
import { AS_BY_DEFAULT } from '../unit-of-work/connection.js';
import { asStored, compareIndex, describeIndex, indexName } from './index-comparison.js';

/** An index that is missing. */
interface MissingIndex {
  readonly entity: string;
  readonly collection: string;
  readonly index: IndexMap;
}

/** What is missing in a database: collections and declared indexes. Nothing is ever dropped. */
export class CreationPlan {
  private constructor(
    private readonly db: Db,
    private readonly collections: readonly string[],
    private readonly indexes: readonly MissingIndex[],
  ) {}

  /**
   * Compares what the entities declare with what the database has.
   *
   * @throws IndexNotCreated when an index exists with other options, or its name is taken
   */
  static async make(db: Db, maps: Iterable<EntityMap>): Promise<CreationPlan> {
    const found = await db
      .listCollections({}, { nameOnly: true, authorizedCollections: true, ...AS_BY_DEFAULT })
      .toArray();
    const views = new Set(found.filter(({ type }) => type === 'view').map(({ name }) => name));
    const known = new Map<string, Document[]>(found.map(({ name }) => [name, []]));
    const collections = new Set<string>();
    const indexes: MissingIndex[] = [];
    for (const [collection, members] of byCollection(maps)) {
      if (views.has(collection)) continue;
      if (!known.has(collection)) collections.add(collection);
      else if (members.some((map) => map.indexes.length > 0)) {
        known.set(collection, (await db.collection(collection, AS_BY_DEFAULT).listIndexes().toArray()) as Document[]);
      }
      const existing = [...(known.get(collection) ?? [])];
      for (const map of members) {
        for (const index of map.indexes) {
          if (exists(map.name, index, existing)) continue;
          indexes.push({ entity: map.name, collection, index });
          existing.push(asStored(index));
        }
      }
    }
    return new CreationPlan(db, [...collections], indexes);
  }

  /** What will be created, in words; undefined when nothing is missing. */
  describe(): string | undefined {
    const parts = [
      ...this.collections.map((name) => `collection ${name}`),
      ...this.indexes.map(({ collection, index }) => `index ${collection} ${describeIndex(index)}`),
    ];
    return parts.length === 0 ? undefined : parts.join(', ');
  }

  /** @throws IndexNotCreated */
  async run(): Promise<void> {
    await Promise.all(this.collections.map((name) => createCollection(this.db, name)));
    for (const missing of this.indexes) await createIndex(this.db, missing);
  }
}

function byCollection(maps: Iterable<EntityMap>): Map<string, EntityMap[]> {
  const groups = new Map<string, EntityMap[]>();
  for (const map of maps) {
    const group = groups.get(map.collection);
    if (group === undefined) groups.set(map.collection, [map]);
    else group.push(map);
  }
  return groups;
}

/** Is the index there? @throws IndexNotCreated when one that contradicts it is */
function exists(entity: string, index: IndexMap, existing: readonly Document[]): boolean {
  let differing: string[] | undefined;
  for (const each of existing) {
    const compared = compareIndex(index, each);
    if (compared === 'same') return true;
    if (compared !== 'other') differing ??= compared;
  }
  const namesake = existing.find(({ name }) => name === indexName(index));
  if (differing === undefined && namesake === undefined) return false;
  throw new CowError('IndexNotCreated', {
    entity,
    option: describeIndex(index),
    reason:
      differing === undefined
        ? `another one has its name, ${indexName(index)}`
        : `it exists with another value of ${differing.join(', ')}`,
    expected:
      differing === undefined
        ? 'Give it a name of its own: @Index({ … }, { name: … }).'
        : 'Declare it as it exists, or change it in the database: nothing is dropped here.',
  });
}

/** Code of a collection that another process has made meanwhile. */
const NAMESPACE_EXISTS = 48;

async function createCollection(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name, AS_BY_DEFAULT);
  } catch (error) {
    if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
  }
}

const DUPLICATE_KEY = 11000;

async function createIndex(db: Db, { entity, collection, index }: MissingIndex): Promise<void> {
  try {
    await db.collection(collection, AS_BY_DEFAULT).createIndexes([{ ...index.options, key: index.key }]);
  } catch (error) {
    const { code, codeName, message } = error as { code?: unknown; codeName?: string; message: string };
    const isDuplicate = code === DUPLICATE_KEY;
    throw new CowError(
      'IndexNotCreated',
      {
        entity,
        option: describeIndex(index),
        reason: isDuplicate ? 'documents that are stored already have equal values' : (codeName ?? message),
        ...(isDuplicate ? { expected: 'Correct those documents first.' } : {}),
      },
      { cause: error },
    );
  }
}
