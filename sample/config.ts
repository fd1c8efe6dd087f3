/** What the shop is started with; also the token by which to inject it. */
export abstract class ShopConfig {
  abstract readonly host: string;
  abstract readonly port: number;
  abstract readonly uri: string;
  abstract readonly database: string;
  /** How many documents of each kind the first start makes. */
  abstract readonly seed: SeedCounts;
  abstract readonly isProduction: boolean;
}

export interface SeedCounts {
  readonly products: number;
  readonly customers: number;
  readonly orders: number;
}

/** The only database that the sample ever writes to. */
const DATABASE = 'nestjs_cow_sample';

/** @throws when an environment variable is missing or makes no sense */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ShopConfig {
  if (!env.MONGODB_URI) {
    throw new Error('MONGODB_URI is not set. "npm start" brings a MongoDB of its own; otherwise name a replica set.');
  }
  return {
    host: env.HOST || '127.0.0.1',
    port: portOf(env.PORT || '3000'),
    uri: env.MONGODB_URI,
    database: DATABASE,
    seed: { products: 1_000, customers: 200, orders: 5_000 },
    isProduction: env.NODE_ENV === 'production',
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT=${text} is no port: give a number from 0 to 65535.`);
}
