import { IsInt, IsString, Length, Min } from 'class-validator';
import { Embedded, Prop } from '../../lib/index.js';

/** One line of an order; of a product there is one at most, which makes the SKU its key. */
@Embedded({ key: 'sku' })
export class LineItem {
  @Prop() @IsString() @Length(1, 40) sku!: string;
  @Prop() @IsString() name!: string;
  /** Of one piece when it was ordered, in cents. */
  @Prop() @IsInt() @Min(0) price!: number;
  @Prop() @IsInt() @Min(1) quantity!: number;
}
