import { CowError } from '../errors/index.js';
import { entityMapOf, type ClassType, type EntityMap } from '../mapping/index.js';
import type { Connection } from '../unit-of-work/connection.js';
import type { EntityStore } from '../unit-of-work/entity-store.js';
import { teachClassTransformer } from './class-transformer.js';
import type { StartLogger } from './connect.js';
import { CreationPlan } from './creation-plan.js';

/** The entities of one connection of one application, as `forFeature()` names them. */
export class EntityRegistry {
  private readonly maps = new Set<EntityMap>();
  private isPrepared = false;

  constructor(
    private readonly connection: Connection,
    private readonly autoCreate: boolean,
    private readonly logger: StartLogger,
    /** Called when the application cannot start, which Nest tells nobody. */
    private readonly abandon: () => Promise<void>,
  ) {}

  /**
   * Registers an entity. One that comes after the start, with a module that is loaded lazily, is prepared here.
   *
   * @throws NotAnEntity, InvalidMapping
   */
  async add(entity: ClassType): Promise<EntityStore> {
    return this.isPrepared ? this.register(entity) : this.starting(() => this.register(entity));
  }

  /**
   * Checks what only all entities together show, then creates what is missing.
   *
   * @throws InvalidMapping, IndexNotCreated
   */
  async prepare(): Promise<void> {
    await this.starting(() => this.prepareAll());
  }

  private async starting<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  private async register(entity: ClassType): Promise<EntityStore> {
    const map = entityMapOf(entity);
    const isNew = !this.maps.has(map);
    for (const each of familyOf(map)) {
      this.maps.add(each);
      await teachClassTransformer(each);
    }
    if (this.isPrepared && isNew) await this.prepareAll();
    return this.connection.store(map);
  }

  private async prepareAll(): Promise<void> {
    this.isPrepared = true;
    this.checkCollections();
    if (!this.autoCreate || this.maps.size === 0) return;
    const { db } = this.connection;
    // What is only read, a view for instance, is another's to create.
    const own = [...this.maps].filter((map) => !map.readonly);
    const plan = await CreationPlan.make(db, own);
    const missing = plan.describe();
    if (missing === undefined) return;
    this.logger.log(`Creating in ${db.databaseName}: ${missing}`);
    await plan.run();
  }

  private checkCollections(): void {
    const owners = new Map<string, EntityMap>();
    for (const map of this.maps) {
      const owner = owners.get(map.collection) ?? map;
      owners.set(map.collection, owner);
      if (owner.root === map.root) continue;
      throw new CowError('InvalidMapping', {
        entity: map.name,
        reason: `it has the collection "${map.collection}" of ${owner.name}, and nothing tells their documents apart`,
        expected:
          'Let both extend one entity with a discriminator, or give one of them another collection: ' +
          "@Entity({ collection: '…' }).",
      });
    }
  }
}

/** An entity, and every class that its documents may be of. */
function familyOf(map: EntityMap): EntityMap[] {
  return [map, ...((map.discriminator?.variants.values() ?? []) as Iterable<EntityMap>)];
}
