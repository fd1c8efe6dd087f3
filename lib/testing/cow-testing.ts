import type { Document } from 'mongodb';
import { entityMapOf, type ClassType } from '../mapping/index.js';
import { Repository, type EntityData } from '../repository/index.js';
import type { Connection } from '../unit-of-work/connection.js';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { clearCommitted } from './committed.js';
import { Factory } from './factory.js';

/**
 * What a test does with its database. Provided by `CowTestingModule`; for an application with a `forRoot()` of its own,
 * make one: `new CowTesting(app.get(Connection), app.get(UnitOfWork))`.
 */
export class CowTesting {
  private kept: ReadonlyMap<string, readonly Document[]> = new Map();

  constructor(
    private readonly connection: Connection,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * A function for the runner that runs the test in a unit of work and rolls it back at the end, however it ends: what
   * was not flushed is never written. What the test flushed explicitly is in the database; `reset()` removes it.
   *
   * @param fn the test
   * @example it('adds an item', testing.rolledBack(async () => { … }));
   */
  rolledBack(fn: () => unknown): () => Promise<void> {
    return () =>
      this.unitOfWork.run(
        async () => {
          try {
            await fn();
          } finally {
            this.unitOfWork.rollback();
          }
        },
        { label: 'a test', flush: 'manual' },
      );
  }

  /** Runs `fn` in a unit of work and commits it, as a request would. @returns what `fn` returns */
  run<T>(fn: () => T | Promise<T>): Promise<T> {
    return this.unitOfWork.run(fn, { label: 'a test' });
  }

  /** The repository of a class, whether or not a module provides it. */
  repository<T extends object>(entity: ClassType<T>): Repository<T> {
    return new Repository<T>(this.connection.store(entityMapOf(entity)));
  }

  /** A factory of valid data. @param make the data of the nth entity, counted from 1 */
  factory<T extends object>(entity: ClassType<T>, make: (n: number) => EntityData<T>): Factory<T> {
    return new Factory(this.repository(entity), entityMapOf(entity), make);
  }

  /** Takes what is in the database now as what `reset()` goes back to: the seeds of a suite. */
  async keep(): Promise<void> {
    const kept = new Map<string, readonly Document[]>();
    for (const name of await this.collections()) {
      kept.set(name, await this.connection.db.collection(name).find({}, { promoteValues: false }).toArray());
    }
    this.kept = kept;
  }

  /**
   * Brings every document of the database back to what it was at `keep()`, or removes them all; indexes stay. Forgets
   * what was committed, too. For `afterEach`.
   */
  async reset(): Promise<void> {
    for (const name of await this.collections()) {
      const collection = this.connection.db.collection(name);
      await collection.deleteMany({});
      const documents = this.kept.get(name) ?? [];
      if (documents.length > 0) await collection.insertMany([...documents]);
    }
    clearCommitted();
  }

  private async collections(): Promise<string[]> {
    const all = await this.connection.db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
    return all.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
  }
}
