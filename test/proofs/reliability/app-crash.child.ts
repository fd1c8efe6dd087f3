// The application that is killed: it flushes, and tells its parent before and after each flush.
import { MongoClient } from 'mongodb';
import { Workload } from './workload.js';

const [, , uri = '', database = '', name = ''] = process.argv;
const client = await new MongoClient(uri).connect();
const workload = new Workload({
  client,
  database,
  clean: client.db(database),
  name,
  onTry(one, isOver) {
    const { ledgers, inserts, deletes, ...rest } = one;
    const told = {
      ...rest,
      ...(inserts && { inserts: inserts.toHexString() }),
      ...(deletes && { deletes: deletes.toHexString() }),
      ledgerIds: ledgers.map((id) => id.toHexString()),
      isOver,
    };
    process.send?.(told);
  },
});
await workload.prepare();
process.on('disconnect', () => process.exit()); // the parent is gone
await Promise.all(['a', 'b', 'c', 'd'].map((worker) => workload.worker(worker).until(() => false)));
