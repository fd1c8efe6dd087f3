import type { InjectionToken } from '@nestjs/common';
import { CowError } from '../errors/index.js';
import type { ClassType } from '../mapping/index.js';
import { Connection } from '../unit-of-work/connection.js';
import { DEFAULT_CONNECTION } from './options.js';

/** By class and connection, not by name: two classes of one name have two tokens. */
const repositories = new WeakMap<ClassType, Map<string, symbol>>();
const shared = new Map<string, symbol>();

/** Token of the repository of an entity class; its description says what provides it. */
export function getRepositoryToken(entity: ClassType, connectionName = DEFAULT_CONNECTION): symbol {
  if (typeof entity !== 'function') {
    throw new CowError('NotAnEntity', {
      entity: String(entity),
      expected:
        'Give the class itself. It is undefined while files import each other in a circle: import it from the file ' +
        'that declares it, or move it to one of its own.',
    });
  }
  let tokens = repositories.get(entity);
  if (tokens === undefined) {
    tokens = new Map();
    repositories.set(entity, tokens);
  }
  // Nest shows it when it cannot resolve the token: mostly nobody has provided it.
  const provided = connectionName === DEFAULT_CONNECTION ? '' : `, '${connectionName}'`;
  const remedy = `import CowModule.forFeature([${entity.name}]${provided}) in this module`;
  return tokenIn(tokens, connectionName, `Repository<${entity.name}>: ${remedy}`, DEFAULT_CONNECTION);
}

/** Token of a connection: of the default one the class `Connection` itself. */
export function getConnectionToken(name = DEFAULT_CONNECTION): InjectionToken<Connection> {
  return name === DEFAULT_CONNECTION ? Connection : sharedToken('Connection', name);
}

/** Token of the MongoClient of a connection. */
export function getClientToken(name = DEFAULT_CONNECTION): symbol {
  return sharedToken('MongoClient', name);
}

/** Token of the Db of a connection. */
export function getDatabaseToken(name = DEFAULT_CONNECTION): symbol {
  return sharedToken('Db', name);
}

/** Token of the entities registered on a connection. */
export function getEntitiesToken(name = DEFAULT_CONNECTION): symbol {
  return sharedToken('CowEntities', name);
}

function sharedToken(kind: string, name: string): symbol {
  return tokenIn(shared, `${kind} ${name}`, kind, name);
}

/** Made on the first call, then always the same. */
function tokenIn(tokens: Map<string, symbol>, key: string, description: string, name = key): symbol {
  let token = tokens.get(key);
  if (token === undefined) {
    token = Symbol(name === DEFAULT_CONNECTION ? description : `${description} (${name})`);
    tokens.set(key, token);
  }
  return token;
}
