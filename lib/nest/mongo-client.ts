import { MongoClient } from 'mongodb';
import { CowError } from '../errors/index.js';
import type { CheckedOptions } from './options.js';

/** What says where a client is from: part of the options. */
export type ClientOptions = Pick<CheckedOptions, 'uri' | 'client' | 'clientOptions'>;

/**
 * Makes the client that the options describe. Nothing is sent yet.
 *
 * @throws InvalidOption for a connection string or options that the driver refuses
 */
export function makeClient({ uri = '', clientOptions }: ClientOptions): MongoClient {
  try {
    return new MongoClient(uri, { driverInfo: { name: 'nestjs-cow' }, ...clientOptions });
  } catch (error) {
    const option = clientOptions === undefined || isRefused(uri) ? 'uri' : 'clientOptions';
    const reason = error instanceof Error ? error.message : String(error);
    throw new CowError(
      'InvalidOption',
      { option, reason, expected: 'A connection string is mongodb://host:port/database?replicaSet=rs0.' },
      { cause: error },
    );
  }
}

function isRefused(uri: string): boolean {
  try {
    new MongoClient(uri);
    return false;
  } catch {
    return true;
  }
}

/** Where a client connects to, for texts: never its credentials. */
export function addressOf(client: MongoClient): string {
  const { srvHost, hosts } = client.options;
  return srvHost ?? hosts.map(String).join(',');
}
