import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { Document, MongoClient } from 'mongodb';
import { CowError } from '../errors/index.js';
import { isConnectionError, isStateChange } from '../flush/server-errors.js';
import { addressOf, makeClient } from './mongo-client.js';
import type { CheckedOptions } from './options.js';

/** Part of a Nest logger. */
export type StartLogger = Required<Pick<LoggerService, 'log' | 'warn'>> & Pick<LoggerService, 'error'>;

/** How long one try may take where the application does not say, in ms: the driver would be silent for 30 s. */
const TRY_MS = 5_000;

/** Name servers that did not answer, or not yet. */
const PASSING_DNS = new Set(['ETIMEOUT', 'ESERVFAIL', 'EAI_AGAIN', 'ECONNREFUSED']);

/**
 * Connects, trying again while the server cannot be reached; a wrong option or password is reported at once.
 *
 * @returns the connected client, and what the server said of itself
 * @throws ConnectionFailed, TransactionsUnsupported, InvalidOption
 */
export async function connect(options: CheckedOptions, logger: StartLogger): Promise<MongoClient> {
  const tries = options.retryAttempts + 1;
  for (let attempt = 1; ; attempt++) {
    const client = options.client ?? makeClient(options);
    const address = addressOf(client);
    try {
      const hello = await greet(client, options);
      if (options.atomicity === 'transaction') requireTransactions(hello, address);
      logger.log(`Connected to ${address}${typeof hello.setName === 'string' ? ` (${hello.setName})` : ''}`);
      return client;
    } catch (error) {
      if (options.client === undefined) await client.close().catch(() => undefined);
      if (error instanceof CowError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      if (!isPassing(error)) {
        throw new CowError(
          'ConnectionFailed',
          { option: address, reason, expected: `It was not tried again: ${remedyFor(error)}.` },
          { cause: error },
        );
      }
      const which = `Connection "${options.connectionName}" to ${address}: try ${attempt} of ${tries} failed (${reason})`;
      if (attempt === tries) {
        logger.error(which);
        throw new CowError('ConnectionFailed', { option: address, reason }, { cause: error });
      }
      logger.error(`${which}; the next one in ${options.retryDelay} ms`);
      await sleep(options.retryDelay);
    }
  }
}

/** A try that took too long, or a server that is not ready. */
class NotYet extends Error {}

/** Connects, and asks the server what it is. */
async function greet(client: MongoClient, options: CheckedOptions): Promise<Document> {
  let failure: Error | undefined;
  let isOver = false;
  const noted = (event: { failure: Error }) => (failure = event.failure);
  client.on('serverHeartbeatFailed', noted);
  const timer = isBounded(client, options)
    ? undefined
    : setTimeout(() => {
        isOver = true;
        void client.close().catch(() => undefined); // what interrupts the driver's own waiting
      }, TRY_MS);
  try {
    await client.connect();
    const hello = await client.db('admin').command({ hello: 1 });
    if (hello.isreplicaset === true) throw new NotYet('its replica set was not initiated: rs.initiate()');
    return hello;
  } catch (error) {
    throw isOver
      ? new NotYet(failure?.message ?? `no server answered in ${TRY_MS} ms`, { cause: failure ?? error })
      : error;
  } finally {
    clearTimeout(timer);
    client.off('serverHeartbeatFailed', noted);
  }
}

/** Is the client another's, or does the application say how long it may wait? */
function isBounded(client: MongoClient, { client: adopted, uri = '', clientOptions }: CheckedOptions): boolean {
  return (
    client === adopted ||
    clientOptions?.serverSelectionTimeoutMS !== undefined ||
    /[?&]serverSelectionTimeoutMS=/i.test(uri)
  );
}

/** Will it perhaps work later? */
function isPassing(error: unknown): boolean {
  if (certificateError(error) !== undefined) return false;
  if (error instanceof NotYet || isConnectionError(error) || isStateChange(error)) return true;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return String(syscall).startsWith('query') && PASSING_DNS.has(String(code));
}

/** Codes of Node's TLS for a certificate that is not accepted; waiting makes none of them good. */
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)_)/;

/** The code of a refused certificate, somewhere among the causes. */
function certificateError(error: unknown): string | undefined {
  let cause = error as { code?: unknown; cause?: unknown } | undefined;
  for (; typeof cause === 'object'; cause = cause.cause as typeof cause) {
    const { code } = cause;
    if (typeof code === 'string' && CERTIFICATE.test(code)) return code;
  }
  return undefined;
}

function remedyFor(error: unknown): string {
  const code = certificateError(error);
  if (code === undefined) return 'check user, password and options';
  return code === 'CERT_HAS_EXPIRED'
    ? 'renew the certificate of the server'
    : 'give the authority that signed the certificate of the server (tlsCAFile), or check the host name';
}

/** @throws TransactionsUnsupported by a standalone server; a router (mongos) says `isdbgrid` */
export function requireTransactions(hello: Document, address: string): void {
  if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
    throw new CowError('TransactionsUnsupported', { option: address });
  }
}
