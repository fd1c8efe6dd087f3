import type { ClassType } from './entity-map.js';
import { announce, ownMetadata, type EntityOptions } from './metadata.js';

/**
 * Marks a class as an entity: its instances are documents of one collection.
 *
 * @param options the collection's name, or the options of the entity
 * @example
 * \@Entity({ collection: 'orders' })
 * export class Order {
 *   \@Id() id!: ObjectId;
 *   \@Prop() customer!: string;
 * }
 */
export function Entity(options: EntityOptions | string = {}): ClassDecorator {
  return (target) => {
    const type = target as unknown as ClassType;
    ownMetadata(type).entity = typeof options === 'string' ? { collection: options } : options;
    announce(type);
  };
}
