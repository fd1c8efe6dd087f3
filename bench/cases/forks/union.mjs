import { clocked } from '../support/clock.mjs';
import { allSmall, copyingMap, smallDocuments } from '../support/small.mjs';

const UNIONS = 200;

/** @param {(fork: any, small: any[], at: number) => unknown} change what the fork changes, and answers its entity */
const uniting = (change) => async (world) => {
  const { uow } = world;
  const { enter, loaded, close } = await allSmall(world);
  const unite = (at) => {
    const fork = uow.fork();
    change(fork, loaded, at);
    return fork;
  };
  const run = () => {
    const { elapsed } = clocked(
      UNIONS,
      unite,
      (fork) => uow.union(fork),
      () => uow.rollback(),
    );
    return { elapsed: elapsed / UNIONS };
  };
  return { run: () => enter(run), close };
};

const cases = (name, about, change) =>
  [10, 1_000, 100_000].map((size) => ({
    name: `${name}-${size}`,
    title: `union, ${about}, with ${size.toLocaleString('en')} entities loaded`,
    size,
    brief: Math.min(size, 20_000),
    minimum: 40,
    seed: smallDocuments,
    run: { cow: uniting(change), copy: copyingMap },
  }));

export default [
  ...cases('union-unchanged', 'neither side changed', () => undefined),
  ...cases('union-one-side', 'one side changed 1 entity', (fork, small, at) => {
    fork.own(small[at % small.length]).field9 = at;
  }),
];
