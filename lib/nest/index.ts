export { CowExceptionFilter } from './cow-exception.filter.js';
export { CowHttpException, toHttpException, type CowErrorBody } from './http-exception.js';
export { InjectClient, InjectConnection, InjectDatabase, InjectRepository } from './inject.decorators.js';
export type { CowModuleAsyncOptions, CowModuleOptions, CowOptionsFactory, FlushMode } from './options.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
export { ParseObjectIdPipe, type ParseObjectIdOptions } from './parse-object-id.pipe.js';
export { ReadOnly } from './read-only.decorator.js';
export { getClientToken, getConnectionToken, getDatabaseToken, getRepositoryToken } from './tokens.js';
export { Transactional, type TransactionalOptions } from './transactional.decorator.js';
