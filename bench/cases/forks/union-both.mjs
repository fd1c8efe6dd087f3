import { allSmall, copyingMap, smallDocuments } from '../support/small.mjs';

const CHANGED = 100;

/** Both sides change the same entities, in other fields. @returns the fork */
function bothChanged(uow, small) {
  const fork = uow.fork();
  for (let at = 0; at < CHANGED; at++) {
    fork.own(small[at]).field9 = -1;
    small[at].field10 = -2;
  }
  return fork;
}

/** What one would do without knowing what changed: look at every field of every document. */
function comparing({ seeded: { small } }) {
  const copies = small.map((document) => ({ ...document }));
  for (const copy of copies.slice(0, CHANGED)) copy.field9 = -1;
  return () => {
    let changed = 0;
    for (const [at, document] of small.entries()) {
      const copy = copies[at];
      for (const field in document) if (document[field] !== copy[field]) changed++;
    }
    return changed;
  };
}

const cow = async (world) => {
  const { uow } = world;
  const { enter, loaded, close } = await allSmall(world);
  return {
    before: () => enter(() => bothChanged(uow, loaded)),
    run: (fork) => enter(() => uow.union(fork)),
    after() {
      if (loaded[0].field9 !== -1 || loaded[0].field10 !== -2) throw new Error('the union lacks a change');
      enter(() => uow.rollback());
    },
    close,
  };
};

export default [
  {
    name: 'union-100-both',
    title: 'union, both sides changed 100 entities in other fields',
    size: 1_000,
    tiny: CHANGED,
    minimum: 40,
    seed: smallDocuments,
    run: { cow, copy: copyingMap },
  },
  {
    name: 'union-100-of-100000',
    title: 'union of 100 changed of 100,000 loaded, against comparing everything',
    size: 100_000,
    brief: 20_000,
    tiny: CHANGED,
    minimum: 40,
    seed: smallDocuments,
    run: { cow, copy: (_, at) => comparing(at) },
  },
];
