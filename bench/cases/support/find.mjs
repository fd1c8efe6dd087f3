/**
 * The operation "find what matches, and use it" for each participant, as its documentation has it.
 *
 * @param {string} entity name of the mapped class
 * @param {(found: any[]) => unknown} use
 * @param {object} [options]
 * @param {(at: import('../../harness/case.mjs').At) => object} [options.filter] by stored names; default: all
 * @param {object} [options.cow] options of our `find()`
 * @param {readonly string[]} [options.participants]
 * @param {'auto' | 'manual'} [options.flush] does the unit of work flush at its end, where there is one? Default: 'manual'
 */
export function finding(entity, use, { filter = () => ({}), cow = {}, participants, flush = 'manual' } = {}) {
  const all = {
    cow({ uow, repository, entities }, at) {
      const found = repository(entities[entity]);
      return () => uow.run(async () => use(await found.find(filter(at), cow)), { flush });
    },
    driver({ db }, at) {
      const collection = db.collection(Object.keys(at.seeded)[0]);
      return async () => use(await collection.find(filter(at)).toArray());
    },
    mongoose: ({ models }, at) => {
      const model = models[entity];
      return async () => use(await model.find(filter(at)));
    },
    lean: ({ models }, at) => {
      const model = models[entity];
      return async () => use(await model.find(filter(at)).lean());
    },
    'mikro-orm': ({ fork, entities }, at) => {
      const mapped = entities[entity];
      return async () => {
        const em = fork();
        const answer = use(await em.find(mapped, filter(at)));
        if (flush === 'auto') await em.flush();
        return answer;
      };
    },
    typeorm: ({ repository }, at) => {
      const found = repository(entity);
      return async () => use(await found.find({ where: filter(at) }));
    },
  };
  if (participants === undefined) return all;
  return Object.fromEntries(participants.map((participant) => [participant, all[participant]]));
}
