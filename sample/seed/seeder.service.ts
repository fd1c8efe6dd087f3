import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Db, type ObjectId } from 'mongodb';
import { InjectDatabase, InjectRepository, Repository, UnitOfWork, type EntityData } from '../../lib/index.js';
import { ShopConfig, type SeedCounts } from '../config.js';
import { Customer } from '../customers/customer.entity.js';
import { Order } from '../orders/order.entity.js';
import { Product } from '../products/product.entity.js';
import { Catalogue } from './catalogue.js';
import { showProgress, type Progress } from './progress.js';
import { refuseForeignData } from './refuse-foreign-data.js';
import { SEED_MARKER, SeedMarker } from './seed-marker.entity.js';

const BATCH = 250;

/** Fills an empty database. What an earlier start left unfinished is completed, without doubling anything. */
@Injectable()
export class Seeder implements OnApplicationBootstrap {
  private readonly logger = new Logger(Seeder.name);

  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @InjectRepository(Customer) private readonly customers: Repository<Customer>,
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @InjectRepository(SeedMarker) private readonly markers: Repository<SeedMarker>,
    @InjectDatabase() private readonly database: Db,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: ShopConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const marker = await this.unitOfWork.run(() => this.markers.findById(SEED_MARKER));
    if (marker?.completedAt) return;
    if (!marker) await this.begin();
    await this.seed(marker ?? this.config.seed);
    await this.unitOfWork.run(async () => {
      (await this.markers.getById(SEED_MARKER)).completedAt = new Date();
    });
    this.logger.log('The shop has its products, customers and orders.');
  }

  private async begin(): Promise<void> {
    await refuseForeignData(this.database);
    await this.unitOfWork.run(() => this.markers.create({ ...this.config.seed }));
  }

  private async seed(counts: SeedCounts): Promise<void> {
    const catalogue = new Catalogue(counts);
    const progress = showProgress('Filling the shop', counts.products + counts.customers + counts.orders);
    const done = { count: 0, progress };
    try {
      await fill(this.products, counts.products, (n) => catalogue.product(n), done);
      await fill(this.customers, counts.customers, (n) => catalogue.customer(n), done);
      await fill(this.orders, counts.orders, (n) => catalogue.order(n), done);
    } finally {
      progress.stop();
    }
  }
}

/** Inserts the documents 1 to `total`, but for those that are there. */
async function fill<T extends object>(
  repository: Repository<T>,
  total: number,
  make: (n: number) => EntityData<T> & { id: ObjectId },
  done: { count: number; progress: Progress },
): Promise<void> {
  for (let first = 1; first <= total; first += BATCH) {
    const last = Math.min(first + BATCH - 1, total);
    const batch = Array.from({ length: last - first + 1 }, (_, index) => make(first + index));
    const ids = batch.map(({ id }) => id);
    const there = await repository.collection.distinct('_id', { _id: { $in: ids } });
    const known = new Set(there.map(String));
    await repository.insertMany(batch.filter(({ id }) => !known.has(String(id))));
    done.progress.update((done.count += batch.length));
  }
}
