import { IsInt, IsString, Length, Min } from 'class-validator';
import { ObjectId } from 'mongodb';
import { CreatedAt, Entity, Id, Index, Prop, UpdatedAt, Version } from '../../lib/index.js';
import { InsufficientStock } from './insufficient-stock.js';

/** Something to sell. Whoever changes one must have seen its present version: `@Version()` guards every update. */
@Entity('products')
@Index({ sku: 1 }, { unique: true })
export class Product {
  @Id() id!: ObjectId;
  @Prop() @IsString() @Length(1, 40) sku!: string;
  @Prop() @IsString() @Length(1, 200) name!: string;
  @Prop({ default: '' }) @IsString() description!: string;
  /** In cents. */
  @Prop() @IsInt() @Min(0) price!: number;
  @Prop() @IsInt() @Min(0) stock!: number;
  /** Two visitors at once are two views: sums never conflict, and do not raise the version. */
  @Prop({ merge: 'sum', default: 0 }) views!: number;
  @Version() version!: number;
  @CreatedAt() createdAt!: Date;
  @UpdatedAt() updatedAt!: Date;

  /** Takes pieces from the stock. */
  take(quantity: number): void {
    if (quantity > this.stock) throw new InsufficientStock(this.sku, quantity, this.stock);
    this.stock -= quantity;
  }
}
