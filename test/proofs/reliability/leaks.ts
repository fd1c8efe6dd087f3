import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MongoClient, ObjectId } from 'mongodb';
import type { Proof } from '../proof.js';
import { seen, startApplication } from './application.js';
import { post } from './race.js';

const CLIENTS = 20;
/** How often the heap is measured. */
const MARKS = 10;
/** More bytes a request than this, over all requests, and something is kept of each. */
const MOST_BYTES = 50;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Requests come and go; nothing of their units of work may stay, in pooled sockets neither. */
export const leaks: Proof = {
  name: 'leaks',
  about:
    'requests that open pooled sockets, read and write: no unit of work is alive afterwards, and the heap stays level',
  runs: 20_000,
  short: 2_000,
  async run(options) {
    const server = await options.servers.single();
    const outside = await new MongoClient(server.uri).connect();
    const ids = Array.from({ length: 50 }, () => new ObjectId());
    await outside
      .db(options.database)
      .collection('tallies')
      .insertMany(ids.map((_id) => ({ _id, count: 0 })));
    const { nest, url } = await startApplication(server.uri, options.database);
    const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
    let refs: WeakRef<object>[] = [];
    let units = 0;
    seen.scope = (scope) => {
      units++;
      refs.push(new WeakRef(scope));
    };
    /** @returns how many units of work are alive */
    const alive = async () => {
      for (let round = 0; round < 3; round++) {
        await sleep(20); // what was looked at in one turn of the loop stays for that turn
        collectGarbage();
      }
      refs = refs.filter((ref) => ref.deref() !== undefined);
      return refs.length;
    };
    try {
      const perMark = Math.ceil(options.runs / MARKS);
      const heap: number[] = [];
      let most = 0;
      for (let mark = 0; mark < MARKS; mark++) {
        let left = perMark;
        const client = async () => {
          while (left-- > 0) {
            const isWrite = left % 2 === 0;
            await post(agent, `${url}/fields/${ids[left % ids.length]!.toHexString()}`, isWrite ? 'POST' : 'GET');
          }
        };
        await Promise.all(Array.from({ length: CLIENTS }, client));
        most = Math.max(most, await alive());
        heap.push(process.memoryUsage().heapUsed);
        options.progress(perMark * (mark + 1));
      }
      const live = await alive();
      // The first marks warm up: code is compiled, pools are filled.
      const bytesPerRequest = Math.round(slope(heap.slice(3)) / perMark);
      const isGrowing = options.runs >= 20_000 && bytesPerRequest > MOST_BYTES;
      if (live > 0) options.report(`${live} units of work of ${units} are alive`);
      if (isGrowing) options.report(`the heap grows by ${bytesPerRequest} bytes a request`);
      return { failures: live + (isGrowing ? 1 : 0), requests: units, live, mostLiveAtAMark: most, bytesPerRequest };
    } finally {
      delete seen.scope;
      agent.destroy();
      await Promise.all([nest.close(), outside.close()]);
      await server.stop();
    }
  },
};

/** Of the line that fits best, a step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const over = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  return over / values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
}
