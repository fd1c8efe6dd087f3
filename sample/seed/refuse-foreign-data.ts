import { MongoClient, type Db, type Document } from 'mongodb';
import { SEED_MARKER } from './seed-marker.entity.js';

/**
 * Makes sure that the sample writes to no database but its own.
 *
 * @throws when the database holds documents, and not the marker that the sample puts there first of all
 */
export async function refuseForeignData(db: Db): Promise<void> {
  if (await db.collection<Document & { _id: string }>('seed').findOne({ _id: SEED_MARKER })) return;
  for (const { name } of await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()) {
    if (name.startsWith('system.') || !(await db.collection(name).findOne({}, { projection: { _id: 1 } }))) continue;
    throw refusal(
      `The database "${db.databaseName}" holds data that the sample did not put there (in "${name}"). The sample ` +
        'writes to this database only, and leaves it alone: rename or drop it, or name another server in MONGODB_URI.',
    );
  }
}

/** The same before the application is made, which creates collections and indexes. */
export async function refuseForeignDatabase(uri: string, database: string): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 2_000 });
  try {
    await client.connect();
  } catch {
    return; // the application tries more often, and says what is wrong; what it then finds is checked again
  }
  try {
    await refuseForeignData(client.db(database));
  } finally {
    await client.close();
  }
}

/** A text for whoever started the sample: where in the code it was thrown says nothing to them. */
function refusal(text: string): Error {
  const error = new Error(text);
  error.stack = text;
  return error;
}
