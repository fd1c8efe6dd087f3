import type { EntityMap } from '../mapping/index.js';
import { op, type Filter } from '../query/index.js';
import { construct } from '../repository/new-entity.js';
import type { EntityData, Repository } from '../repository/index.js';

/** Makes valid entities of one class, each a little different. Made by `CowTesting.factory()`. */
export class Factory<T extends object> {
  private n = 0;

  /** @internal */
  constructor(
    private readonly repository: Repository<T>,
    private readonly map: EntityMap,
    private readonly make: (n: number) => EntityData<T>,
  ) {}

  /** A new instance that no unit of work knows. @param overrides what this one has else */
  build(overrides: EntityData<T> = {}): T {
    return construct(this.map, this.data(overrides)) as T;
  }

  /** A new entity of the current unit of work, inserted by its flush. */
  create(overrides: EntityData<T> = {}): T {
    return this.repository.create(this.data(overrides));
  }

  /** Inserts one at once, outside of any unit of work. @returns what was stored, untracked, its id included */
  async stored(overrides: EntityData<T> = {}): Promise<T> {
    const [one] = await this.storedMany(1, overrides);
    return one!;
  }

  /** Inserts several at once. @returns what was stored, in the order of insertion */
  async storedMany(count: number, overrides: EntityData<T> = {}): Promise<T[]> {
    const records = Array.from({ length: count }, () => this.data(overrides));
    const ids = await this.repository.insertMany(records);
    const { property } = this.map.id;
    const byId = new Map<string, T>();
    for await (const one of this.repository.stream({ [property]: op.in(ids) } as unknown as Filter<T>)) {
      byId.set(String((one as Record<string, unknown>)[property]), one);
    }
    return ids.map((id) => byId.get(String(id))!);
  }

  private data(overrides: EntityData<T>): EntityData<T> {
    this.n += 1;
    return { ...this.make(this.n), ...overrides };
  }
}
