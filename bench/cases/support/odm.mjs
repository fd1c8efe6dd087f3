import { UPDATED_VALUE } from '../../data/odm.mjs';
import { holding } from './held.mjs';

/** Two values of the size that the specification states: each run must change something. */
const VALUES = [UPDATED_VALUE, UPDATED_VALUE.replace(/.$/, '2')];

/**
 * "Make an instance of the model and save it", so many times, one after another, each by itself.
 *
 * @param {string} entity
 * @param {string} collection
 * @param {(bson: any) => object} document
 */
export function creating(entity, collection, document) {
  const run = (each) => (world, at) => {
    const data = document(world.bson);
    const save = each(world, data);
    return {
      before: () => world.db.collection(collection).deleteMany({}),
      async run() {
        for (let count = 0; count < at.size; count++) await save();
      },
    };
  };
  return {
    cow: run(({ uow, repository, entities }, data) => {
      const models = repository(entities[entity]);
      return () => uow.run(() => void models.create(data));
    }),
    driver: run(({ db }, data) => {
      const documents = db.collection(collection);
      return () => documents.insertOne({ ...data });
    }),
    mongoose: run(({ models }, data) => {
      const Model = models[entity];
      return () => new Model(data).save();
    }),
    'mikro-orm': run(({ fork, entities }, data) => async () => {
      const em = fork();
      em.persist(em.create(entities[entity], data));
      await em.flush();
    }),
    typeorm: run(({ repository, make }, data) => {
      const models = repository(entity);
      return () => models.save(make(entity, data));
    }),
  };
}

/**
 * "Update a field of each instance", instances being loaded before, each update by itself.
 *
 * @param {string} entity
 * @param {string} collection
 * @param {string} path of the field
 */
export function updating(entity, collection, path) {
  const names = path.split('.');
  const change = (model, value) => {
    const parent = names.slice(0, -1).reduce((object, name) => object[name], model);
    parent[names.at(-1)] = value;
  };
  const values = () => {
    let at = 0;
    return () => VALUES[at++ % VALUES.length];
  };
  return {
    // A unit of work for each, as a request has one: with all in one, each of its flushes would compare all of them.
    async cow({ uow, repository, entities }, { seeded }) {
      const opened = [];
      for (const { _id } of seeded[collection]) {
        opened.push(await holding(uow, () => repository(entities[entity]).getById(_id)));
      }
      const next = values();
      return {
        async run() {
          const value = next();
          for (const { enter, loaded } of opened) {
            await enter(() => {
              change(loaded, value);
              return uow.flush();
            });
          }
          return value;
        },
        close: async () => {
          for (const { close } of opened) await close();
        },
      };
    },
    driver({ db }, { seeded }) {
      const documents = db.collection(collection);
      const next = values();
      return async () => {
        const value = next();
        for (const { _id } of seeded[collection]) await documents.updateOne({ _id }, { $set: { [path]: value } });
        return value;
      };
    },
    async mongoose({ models }) {
      const loaded = await models[entity].find();
      const next = values();
      return async () => {
        const value = next();
        for (const model of loaded) {
          change(model, value);
          await model.save();
        }
        return value;
      };
    },
    // For the same reason.
    async 'mikro-orm'({ fork, entities }, { seeded }) {
      const loaded = [];
      for (const { _id } of seeded[collection]) {
        const em = fork();
        loaded.push({ em, model: await em.findOneOrFail(entities[entity], { _id }) });
      }
      const next = values();
      return async () => {
        const value = next();
        for (const { em, model } of loaded) {
          change(model, value);
          await em.flush();
        }
        return value;
      };
    },
    async typeorm({ repository }) {
      const models = repository(entity);
      const loaded = await models.find();
      const next = values();
      return async () => {
        const value = next();
        for (const model of loaded) {
          change(model, value);
          await models.save(model);
        }
        return value;
      };
    },
  };
}

/** Do all documents hold the value that the run answered? */
export const allUpdated =
  (collection, path) =>
  async (db, { size }, value) => {
    const count = await db.collection(collection).countDocuments({ [path]: value });
    if (count !== size) throw new Error(`${count} of ${size} documents hold "${value}"`);
  };

/**
 * "Perform a filter operation to find the model" for each value of a list, one after another.
 *
 * @param {string} entity
 * @param {string} collection
 * @param {string} path as it is stored
 * @param {(document: any) => unknown} valueOf the value to find a document by
 * @param {string} [property] the path by property names. Default: as it is stored
 */
export function findingEach(entity, collection, path, valueOf, property = path) {
  const run =
    (each) =>
    (world, { seeded }) => {
      const find = each(world);
      const wanted = seeded[collection].map(valueOf);
      return async () => {
        let found = 0;
        for (const value of wanted) if ((await find(value)) !== null) found++;
        return found;
      };
    };
  return {
    cow: run(({ uow, repository, entities }) => {
      const models = repository(entities[entity]);
      return (value) => uow.run(() => models.findOne({ [property]: value }));
    }),
    driver: run(({ db }) => {
      const documents = db.collection(collection);
      return (value) => documents.findOne({ [path]: value });
    }),
    mongoose: run(({ models }) => {
      const Model = models[entity];
      return (value) => Model.findOne({ [path]: value });
    }),
    lean: run(({ models }) => {
      const Model = models[entity];
      return (value) => Model.findOne({ [path]: value }).lean();
    }),
    'mikro-orm': run(
      ({ fork, entities }) =>
        (value) =>
          fork().findOne(entities[entity], { [path]: value }),
    ),
    typeorm: run(({ repository }) => {
      const models = repository(entity);
      return (value) => models.findOneBy({ [path]: value });
    }),
  };
}
