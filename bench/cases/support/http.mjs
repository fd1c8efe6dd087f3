import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ORDERS, OrdersController } from '#http';

/**
 * A Nest application for each participant, on Express, with the same controller: only the service differs.
 *
 * @param {(at: import('../../harness/case.mjs').At) => object[]} requests what is asked for, in turn
 * @param {(response: Response, db: any) => Promise<void>} check throws when the answer to the first one is not right
 */
export function serving(requests, check) {
  const start = async (module, { db }, at) => {
    const app = await NestFactory.create({ controllers: [OrdersController], ...module }, { logger: ['error', 'warn'] });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const all = requests(at);
    return {
      url,
      requests: all,
      async check() {
        const [{ path, ...first }] = all;
        const response = await fetch(`${url}${path}`, first);
        if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
        await check(response, db, at);
      },
      close: () => app.close(),
    };
  };
  return {
    async cow(world, at) {
      const { CowModule, getRepositoryToken } = await import('nestjs-cow');
      const { uri, database, entities } = world;
      const imports = [CowModule.forRoot({ uri, database }), CowModule.forFeature([entities.Order])];
      const useFactory = (orders) => ({
        list: () => orders.find(),
        get: (id) => orders.getById(id),
        async change(id, status) {
          const order = await orders.getById(id);
          order.status = status;
          return order;
        },
      });
      const providers = [{ provide: ORDERS, useFactory, inject: [getRepositoryToken(entities.Order)] }];
      return start({ module: class Cow {}, imports, providers }, world, at);
    },
    driver(world, at) {
      const orders = world.db.collection('orders');
      const { ObjectId } = world.bson;
      const useValue = {
        list: () => orders.find().toArray(),
        get: (id) => orders.findOne({ _id: new ObjectId(id) }),
        change: (id, status) =>
          orders.findOneAndUpdate({ _id: new ObjectId(id) }, { $set: { status } }, { returnDocument: 'after' }),
      };
      return start({ module: class Driver {}, providers: [{ provide: ORDERS, useValue }] }, world, at);
    },
    async mongoose(world, at) {
      const { getModelToken, MongooseModule } = await import('@nestjs/mongoose');
      const { orderSchema } = await import('../../worlds/mongoose.mjs');
      const imports = [
        MongooseModule.forRoot(world.uri, { dbName: world.database }),
        MongooseModule.forFeature([{ name: 'Order', schema: orderSchema }]),
      ];
      const useFactory = (Order) => ({
        list: () => Order.find().exec(),
        get: (id) => Order.findById(id).exec(),
        async change(id, status) {
          const order = await Order.findById(id).exec();
          order.status = status;
          return order.save();
        },
      });
      const providers = [{ provide: ORDERS, useFactory, inject: [getModelToken('Order')] }];
      return start({ module: class Mongoose {}, imports, providers }, world, at);
    },
  };
}
