import type { ClassType } from './entity-map.js';
import { announce, ownMetadata, type EmbeddedOptions } from './metadata.js';

/**
 * Marks a class whose instances live inside entities, as objects of their documents.
 *
 * @param options `key` names the property that identifies an element of an array; `discriminator` makes a union
 * @example
 * \@Embedded({ key: 'sku' })
 * export class LineItem {
 *   \@Prop() sku!: string;
 *   \@Prop() qty!: number;
 * }
 */
export function Embedded(options: EmbeddedOptions = {}): ClassDecorator {
  return (target) => {
    const type = target as unknown as ClassType;
    ownMetadata(type).embedded = options;
    announce(type);
  };
}
