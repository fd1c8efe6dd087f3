import { Binary, MongoClient, ObjectId } from 'mongodb';

/** The bare driver: plain objects, and nobody who knows what changed. */
export async function open({ uri, database }) {
  const client = await new MongoClient(uri).connect();
  return { db: client.db(database), bson: { Binary, ObjectId }, uri, database, close: () => client.close() };
}
