/** Who takes part. Each is opened in a process of its own: none shares compiled code or memory with another. */
export const PARTICIPANTS = {
  cow: { title: 'nestjs-cow', open: async (at) => (await import('./cow.mjs')).open(at) },
  'cow-validated': { title: 'nestjs-cow, validated', open: async (at) => (await import('./cow.mjs')).open(at) },
  driver: { title: 'driver', open: async (at) => (await import('./driver.mjs')).open(at) },
  mongoose: { title: 'Mongoose', open: async (at) => (await import('./mongoose.mjs')).open(at) },
  lean: { title: 'Mongoose lean', open: async (at) => (await import('./mongoose.mjs')).open(at) },
  'mikro-orm': { title: 'MikroORM', open: async (at) => (await import('./mikro-orm.mjs')).open(at) },
  typeorm: { title: 'TypeORM', open: async (at) => (await import('./typeorm.mjs')).open(at) },
  // What is no library: the same by hand, or by a tool for plain objects.
  'driver-copy': { title: 'driver, deep copies', open: async (at) => (await import('./driver.mjs')).open(at) },
  copy: { title: 'by copying', open: withoutDatabase },
  'structured-clone': { title: 'structuredClone', open: withoutDatabase },
  'recursive-copy': { title: 'recursive copy', open: withoutDatabase },
  immer: { title: 'immer', open: withoutDatabase },
  mutative: { title: 'mutative', open: withoutDatabase },
};

async function withoutDatabase() {
  const { Binary, ObjectId } = await import('mongodb');
  return { bson: { Binary, ObjectId }, close: async () => undefined };
}
