export type { DirectWriteOptions } from './direct-writes.js';
export type { DataKeys, EntityData, EntityId } from './entity-id.js';
export type { ImportOptions } from './import.js';
export type { StreamOptions } from './reader.js';
export { Repository, type AssignOptions } from './repository.js';
export type { EachUpdate } from './update-each.js';
