export type {
  ClassType,
  ConcurrencyPolicy,
  DiscriminatorMap,
  EmbeddedMap,
  EntityMap,
  FieldMap,
  IndexDirection,
  IndexMap,
  MergePolicy,
  ObjectMap,
} from './entity-map.js';
export { entityMapOf, embeddedMapOf } from './compile.js';
export { Embedded } from './embedded.decorator.js';
export { Entity } from './entity.decorator.js';
export { Index } from './index.decorator.js';
export type { EmbeddedOptions, EntityOptions, PropOptions, TypeToken } from './metadata.js';
export { storedPath, type StoredPath } from './path.js';
export { CreatedAt, Id, Prop, UpdatedAt, Version } from './prop.decorator.js';
export { describeType, isMutable, type ScalarKind, type ValueType } from './value-type.js';
