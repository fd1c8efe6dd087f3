// One participant in a process of its own. Told what to do by messages; see fleet.mjs.
import { findCase } from './cases.mjs';
import { Participant } from './participant.mjs';

const [, , name, uri, database] = process.argv;
const participant = await Participant.open(name, { uri, database });

const answers = {
  open: ({ name, purpose }) => participant.prepare(findCase(name), purpose),
  sample: ({ minimum }) => participant.sample(minimum),
  /** CPU of this process so far, in ms. */
  async cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  close: () => participant.close(),
  async end() {
    await participant.end();
    process.disconnect();
  },
};

process.on('message', async ({ id, what, ...parameters }) => {
  try {
    const result = await answers[what](parameters);
    if (process.connected) process.send({ id, result });
  } catch (error) {
    if (process.connected) process.send({ id, error: error instanceof Error ? error.stack : String(error) });
  }
});
process.on('disconnect', () => setTimeout(() => process.exit(), 200).unref());
process.send({ id: 0 });
