import { faker } from '@faker-js/faker';
import { ObjectId } from 'mongodb';
import type { SeedCounts } from '../config.js';
import { OrderStatus } from '../orders/order-status.js';

const SEED = 20_260_101;
/** Dates are told from here, not from today: else two starts would make different data. */
const TODAY = new Date('2026-01-01T12:00:00Z');

/** First half of the ids of each kind. */
const KIND = { product: '00000001', customer: '00000002', order: '00000003' } as const;

/**
 * The data of the first start. Each document depends on its number alone, its id too: whichever of them are there
 * already, the others come out the same.
 */
export class Catalogue {
  private readonly products = new Map<number, ReturnType<Catalogue['makeProduct']>>();

  constructor(private readonly counts: SeedCounts) {}

  product(n: number) {
    let product = this.products.get(n);
    if (!product) this.products.set(n, (product = this.makeProduct(n)));
    return product;
  }

  customer(n: number) {
    const id = begin(KIND.customer, n);
    const [firstName, lastName] = [faker.person.firstName(), faker.person.lastName()];
    return {
      id,
      name: `${firstName} ${lastName}`,
      email: faker.internet.exampleEmail({ firstName, lastName: `${lastName}${n}` }).toLowerCase(),
      address: address(),
      createdAt: faker.date.past({ years: 3, refDate: TODAY }),
    };
  }

  order(n: number) {
    begin(KIND.order, n);
    const buyer = faker.number.int({ min: 1, max: this.counts.customers });
    const bought = Math.min(faker.number.int({ min: 1, max: 6 }), this.counts.products);
    const numbers = new Set<number>();
    while (numbers.size < bought) numbers.add(faker.number.int({ min: 1, max: this.counts.products }));
    const products = [...numbers].map((number) => this.product(number));
    const customer = this.customer(buyer);

    const id = begin(KIND.order, n);
    const placedAt = faker.date.past({ years: 1, refDate: TODAY });
    return {
      id,
      customerId: customer.id,
      items: products.map(({ sku, name, price }) => ({
        sku,
        name,
        price,
        quantity: faker.number.int({ min: 1, max: 5 }),
      })),
      address: customer.address,
      tags: faker.helpers.arrayElements(['gift', 'express', 'fragile', 'regular', 'first order'], { min: 0, max: 2 }),
      note: faker.helpers.maybe(() => faker.lorem.sentence(), { probability: 0.4 }) ?? '',
      status: faker.helpers.enumValue(OrderStatus),
      placedAt,
      createdAt: placedAt,
      updatedAt: placedAt,
    };
  }

  private makeProduct(n: number) {
    const id = begin(KIND.product, n);
    const createdAt = faker.date.past({ years: 3, refDate: TODAY });
    return {
      id,
      sku: `P-${String(n).padStart(5, '0')}`,
      name: faker.commerce.productName(),
      description: faker.commerce.productDescription(),
      price: faker.number.int({ min: 199, max: 49_900 }),
      stock: faker.number.int({ min: 20, max: 500 }),
      views: faker.number.int({ max: 5_000 }),
      createdAt,
      updatedAt: createdAt,
    };
  }
}

/** Makes what follows the same in every run; answers the id. */
function begin(kind: string, n: number): ObjectId {
  faker.seed([SEED, Number(kind), n]);
  return new ObjectId(kind + faker.string.hexadecimal({ length: 16, casing: 'lower', prefix: '' }));
}

function address() {
  return {
    street: faker.location.streetAddress(),
    zip: faker.location.zipCode(),
    city: faker.location.city(),
    country: faker.location.country(),
  };
}
