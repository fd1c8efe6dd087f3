import { Injectable } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import {
  ForkConflictError,
  InjectRepository,
  op,
  Repository,
  UnitOfWork,
  type Change,
  type UnionConflict,
} from '../../lib/index.js';
import { Order } from '../orders/order.entity.js';
import { Product } from '../products/product.entity.js';
import {
  Resolution,
  type BestPlanAnswerDto,
  type LinePriceDto,
  type PlanDto,
  type PricedDto,
} from './dto/what-if.dto.js';
import type { WhatIfAnswerDto, WhatIfDto } from './dto/what-if.dto.js';

/** Tries prices in forks. What is not chosen was never sent, nor has to be taken back. */
@Injectable()
export class PricingService {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(Product) private readonly products: Repository<Product>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Agrees on a price of the first line, and tries a campaign on all lines in a fork. Both then meet: what only one of
   * them changed is taken, and of the first line's price it is said whose counts.
   */
  async whatIf(id: ObjectId, { negotiated, campaign, resolve }: WhatIfDto): Promise<WhatIfAnswerDto> {
    const order = await this.orders.getById(id);
    const listPrices = await this.listPricesOf(order);
    const total = totalOf(order);

    const fork = this.unitOfWork.fork(); // sees the order as it is now
    const tried = fork.own(order); // the fork's instance of it
    discount(tried, listPrices, campaign);
    if (!tried.tags.includes('campaign')) tried.tags.push('campaign');

    discount(order, listPrices, negotiated, 1); // the fork does not see this
    order.note = `Agreed on ${negotiated} % off the first line.`;

    const ours = { changes: this.changesOf(order), total: totalOf(order) };
    const theirs = { changes: changesIn(fork, tried), total: totalOf(tried) };
    const conflicts: UnionConflict[] = [];
    try {
      this.unitOfWork.union(fork, resolve && { onConflict: (one) => resolved(one, resolve, conflicts) });
    } catch (error) {
      if (!(error instanceof ForkConflictError)) throw error;
      fork.drop();
      this.unitOfWork.rollback(); // reported only: nothing is sent
      return { outcome: 'conflict', total, ours, theirs, conflicts: error.conflicts.map(shown) };
    }
    const united = { changes: this.changesOf(order), total: totalOf(order) };
    return { outcome: 'united', total, ours, theirs, conflicts: conflicts.map(shown), united };
  }

  /** Tries every plan at once, each in a fork, and keeps the cheapest that brings in enough. */
  async best(id: ObjectId, plans: readonly PlanDto[], minimum: number): Promise<BestPlanAnswerDto> {
    let chosen: number | undefined;
    const totals = await this.unitOfWork.branches(
      plans.map((plan) => () => this.tryPlan(id, plan)),
      { unite: (results) => (chosen = cheapest(results, minimum)) },
    );
    return {
      ...(chosen !== undefined && { chosen: plans[chosen]!.name }),
      totals: Object.fromEntries(plans.map(({ name }, nth) => [name, totals[nth]!])),
    };
  }

  private async tryPlan(id: ObjectId, { name, off }: PlanDto): Promise<number> {
    const order = await this.orders.getById(id); // the branch's own
    discount(order, await this.listPricesOf(order), off);
    order.note = `Plan: ${name}`;
    return totalOf(order);
  }

  /** Beside each price of the order, what its product costs today. */
  async prices(id: ObjectId): Promise<LinePriceDto[]> {
    const order = await this.orders.getById(id);
    const listPrices = await this.listPricesOf(order);
    return order.items.map(({ sku, price }) => ({ sku, price, listPrice: listPrices.get(sku) ?? price }));
  }

  private async listPricesOf({ items }: Order): Promise<Map<string, number>> {
    const products = await this.products.find({ sku: op.in(items.map(({ sku }) => sku)) });
    return new Map(products.map(({ sku, price }) => [sku, price]));
  }

  private changesOf(order: Order): PricedDto['changes'] {
    return changesIn(this.unitOfWork, order);
  }
}

/** Sets the price of the first `lines`, from what the products cost today. */
function discount({ items }: Order, listPrices: ReadonlyMap<string, number>, off: number, lines = items.length): void {
  for (const item of items.slice(0, lines)) {
    item.price = Math.round(((listPrices.get(item.sku) ?? item.price) * (100 - off)) / 100);
  }
}

function totalOf({ items }: Order): number {
  return items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
}

/** Index of the lowest total that is not below the minimum. */
function cheapest(totals: readonly number[], minimum: number): number | undefined {
  const enough = totals.filter((total) => total >= minimum);
  return enough.length === 0 ? undefined : totals.indexOf(Math.min(...enough));
}

function resolved(conflict: UnionConflict, resolve: Resolution, conflicts: UnionConflict[]): unknown {
  conflicts.push(conflict);
  const { ours, theirs } = conflict;
  if (resolve === Resolution.Ours) return ours;
  return resolve === Resolution.Theirs || Number(theirs) < Number(ours) ? theirs : ours;
}

function changesIn(unit: UnitOfWork, order: Order): Change[] {
  return unit.changes().flatMap(({ entity, changes }) => (entity === order ? changes : []));
}

function shown({ path, original, ours, theirs }: UnionConflict) {
  return { path, original, ours, theirs };
}
