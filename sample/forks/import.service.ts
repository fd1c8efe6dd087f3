import { ConflictException, HttpException, Injectable } from '@nestjs/common';
import { InjectRepository, isCowError, op, Repository, stateOf, UnitOfWork } from '../../lib/index.js';
import { Product } from '../products/product.entity.js';
import type { RowReportDto } from './dto/import.dto.js';

/** How many rows are written at once. */
const PART = 100;

type Known = ReadonlyMap<string, Product>;
type Row = Readonly<Record<string, unknown>>;
type Outcome = Exclude<RowReportDto['outcome'], 'rejected'>;

/** Takes the good rows of a list, and says of each of the others why not. */
@Injectable()
export class ImportService {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async import(rows: readonly Row[]): Promise<RowReportDto[]> {
    const report: RowReportDto[] = [];
    const taken = new Map<unknown, number>();
    for (let first = 0; first < rows.length; first += PART) {
      const part = rows.slice(first, first + PART);
      const known = await this.knownOf(part); // one query
      for (const row of part) report.push(await this.importRow(row, report.length + 1, taken, known));
      await this.unitOfWork.flush(); // one transaction
    }
    return report;
  }

  /** A row that is refused half-way leaves nothing behind: what it did was done in a fork. */
  private async importRow(data: Row, row: number, taken: Map<unknown, number>, known: Known): Promise<RowReportDto> {
    try {
      if (taken.has(data.sku)) throw new ConflictException(`Row ${taken.get(data.sku)} has this SKU already.`);
      const outcome = await this.unitOfWork.fork(() => this.take(data, known.get(String(data.sku))));
      taken.set(data.sku, row);
      return { row, outcome };
    } catch (error) {
      if (!isCowError(error) && !(error instanceof HttpException)) throw error;
      return { row, outcome: 'rejected', reason: reasonOf(error) };
    }
  }

  /** @param known the product of that SKU, as the request has it; here, in the fork, it has an instance of its own */
  private async take({ sku, ...rest }: Row, known: Product | undefined): Promise<Outcome> {
    const product = known ? this.unitOfWork.own(known) : this.products.create({ sku } as Partial<Product>);
    const { name, description, price, stock } = rest;
    this.products.assign(product, { name, description, price, stock });
    await this.products.validate(product);
    if (!known) return 'added';
    return stateOf(product).isModified() ? 'changed' : 'unchanged';
  }

  private async knownOf(rows: readonly Row[]): Promise<Known> {
    const products = await this.products.find({ sku: op.in(rows.map(({ sku }) => String(sku))) });
    return new Map(products.map((product) => [product.sku, product]));
  }
}

function reasonOf(error: Error): string {
  const issues = isCowError(error) ? (error.issues ?? []) : [];
  return issues.length > 0 ? issues.map(({ message }) => message).join('; ') : error.message;
}
