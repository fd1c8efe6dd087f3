import { Injectable } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import { InjectRepository, op, Repository, UnitOfWork } from '../../lib/index.js';
import { Customer } from '../customers/customer.entity.js';
import { Order } from '../orders/order.entity.js';
import { Product } from '../products/product.entity.js';

/** Pieces from which on an order is bulky. */
const BULKY = 10;

/** Completes an order from several places at once. None of them sees what another is at; one that fails undoes all. */
@Injectable()
export class EnrichmentService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @InjectRepository(Customer) private readonly customers: Repository<Customer>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async enrich(id: ObjectId): Promise<Order> {
    await this.unitOfWork.branches([() => this.nameItems(id), () => this.completeAddress(id), () => this.tag(id)]);
    return this.orders.getById(id); // with what all of them did
  }

  /** The names under which the shop sells today; a line of what is not sold any more is an error. */
  private async nameItems(id: ObjectId): Promise<void> {
    const order = await this.orders.getById(id);
    for (const item of order.items) item.name = (await this.products.getOne({ sku: item.sku })).name;
  }

  /** Of a customer who has moved. */
  private async completeAddress(id: ObjectId): Promise<void> {
    const order = await this.orders.getById(id);
    const { address } = await this.customers.getById(order.customerId);
    if (address.street === order.address.street) this.orders.assign(order, { address });
  }

  /** What the packers should know. */
  private async tag(id: ObjectId): Promise<void> {
    const order = await this.orders.getById(id);
    const pieces = order.items.reduce((sum, { quantity }) => sum + quantity, 0);
    if (pieces >= BULKY && !order.tags.includes('bulky')) order.tags.push('bulky');
    const earlier = await this.orders.count({ customerId: order.customerId, placedAt: op.lt(order.placedAt) });
    if (earlier > 0) order.tags = order.tags.filter((tag) => tag !== 'first order');
  }
}
