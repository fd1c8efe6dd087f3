import { Injectable } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import { InjectRepository, Repository, UnitOfWork } from '../../lib/index.js';
import { UpdateProductDto } from './dto/update-product.dto.js';
import { Product } from './product.entity.js';

@Injectable()
export class ProductsService {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  list(limit: number): Promise<Product[]> {
    return this.products.find({}, { sort: { sku: 1 }, limit });
  }

  get(id: ObjectId): Promise<Product> {
    return this.products.getById(id);
  }

  /** @param version the version that the client saw, when it says so */
  async update(id: ObjectId, changes: UpdateProductDto, version?: string): Promise<Product> {
    const product = await this.products.getById(id);
    if (version !== undefined) this.unitOfWork.expectVersion(product, version);
    return this.products.assign(product, changes);
  }

  async countView(id: ObjectId): Promise<void> {
    const product = await this.products.getById(id);
    product.views++;
  }
}
