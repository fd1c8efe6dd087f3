import { BadRequestException, Injectable, NotFoundException } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import { InjectRepository, op, Repository, stateOf, Transactional } from '../../lib/index.js';
import { Customer } from '../customers/customer.entity.js';
import { Product } from '../products/product.entity.js';
import { ListOrdersDto } from './dto/list-orders.dto.js';
import { PlaceOrderDto } from './dto/place-order.dto.js';
import { OrderChangesDto, UpdateOrderDto } from './dto/update-order.dto.js';
import type { RehearsalDto } from './dto/rehearsal.dto.js';
import type { LineItem } from './line-item.js';
import { Order } from './order.entity.js';

@Injectable()
export class OrdersService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @InjectRepository(Customer) private readonly customers: Repository<Customer>,
  ) {}

  /** The latest first. */
  list({ status, limit }: ListOrdersDto): Promise<Order[]> {
    return this.orders.find(status ? { status } : {}, { sort: { placedAt: -1 }, limit });
  }

  get(id: ObjectId): Promise<Order> {
    return this.orders.getById(id);
  }

  /**
   * Takes the pieces from the stock of each product and adds the order: one transaction, whichever products it
   * concerns. When others took from the same stock in the meantime, it starts afresh.
   */
  @Transactional({ retries: 50 })
  async place({ customerId, items, ...rest }: PlaceOrderDto): Promise<Order> {
    const customer = await this.customers.getById(customerId);
    const products = await this.products.find({ sku: op.in(items.map(({ sku }) => sku)) });
    const lines = items.map(({ sku, quantity }) => {
      const product = products.find((one) => one.sku === sku);
      if (!product) throw new NotFoundException(`There is no product with the SKU ${sku}.`);
      product.take(quantity);
      return { sku, name: product.name, price: product.price, quantity };
    });
    return this.orders.create({
      ...rest,
      customerId: customer.id,
      items: lines,
      address: customer.address,
      placedAt: new Date(),
    });
  }

  /** Changes what the client sent; where it says what it saw, only if that is still so. */
  async update(id: ObjectId, { seen, ...changes }: UpdateOrderDto): Promise<Order> {
    const order = await this.orders.getById(id);
    return this.orders.assign(order, withLines(order, changes), seen ? { seen: withLines(order, seen) } : {});
  }

  /** Changes an order in several ways and takes each back: the end of the request finds nothing to send. */
  async changeAndRevert(id: ObjectId): Promise<RehearsalDto> {
    const order = await this.orders.getById(id);
    const [line] = order.items as [LineItem];
    const { note } = order;
    const steps: RehearsalDto['steps'] = [];
    const done = (did: string) => void steps.push({ did, changed: [...stateOf(order).changedFields()] });

    order.note = `${note}?`;
    done('order.note += "?"');
    line.quantity += 1;
    done('order.items[0].quantity += 1');
    order.tags.push('draft');
    done('order.tags.push("draft")');

    order.tags.pop();
    done('order.tags.pop()');
    line.quantity -= 1;
    done('order.items[0].quantity -= 1');
    order.note = note;
    done('order.note = note');
    return { steps };
  }

  async remove(id: ObjectId): Promise<void> {
    this.orders.remove(await this.orders.getById(id));
  }
}

/** The changes with all lines of the order, of which the client names some. */
function withLines(order: Order, changes: OrderChangesDto): object {
  const { items } = changes;
  const unknown = items?.find(({ sku }) => !order.items.some((item) => item.sku === sku));
  if (unknown) throw new BadRequestException(`The order has no line with the SKU ${unknown.sku}.`);
  return {
    ...changes,
    items: items && order.items.map((item) => ({ ...item, ...items.find(({ sku }) => sku === item.sku) })),
  };
}
