import { allSmall, smallDocuments } from '../support/small.mjs';
import { finding } from '../support/find.mjs';

const sizes = [1_000, 10_000, 100_000];
const readOne = (found) => found.reduce((sum, { field9 }) => sum + field9, 0);
const count = (size) => size.toLocaleString('en');

const load = sizes.map((size) => ({
  name: `grow-load-${size}`,
  title: `load ${count(size)} small entities, read 1 field`,
  size,
  brief: Math.min(size, 10_000),
  rounds: size === 100_000 ? 3 : 9,
  seed: smallDocuments,
  run: finding('Small', readOne, { participants: ['cow', 'driver', 'mongoose', 'mikro-orm'] }),
  expected: ({ seeded }) => readOne(seeded.small),
}));

const clean = sizes.map((size) => ({
  name: `grow-clean-flush-${size}`,
  title: `flush of ${count(size)} clean loaded entities`,
  size,
  brief: Math.min(size, 10_000),
  rounds: size === 100_000 ? 3 : 9,
  minimum: 40,
  seed: smallDocuments,
  run: {
    async cow(world) {
      const { enter, close } = await allSmall(world);
      return { run: () => enter(() => world.uow.flush()), close };
    },
    async 'mikro-orm'({ fork, entities }) {
      const em = fork();
      const held = await em.find(entities.Small, {});
      return { run: () => em.flush(), close: () => held.length };
    },
  },
}));

export default [...load, ...clean];
