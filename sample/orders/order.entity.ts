import { ArrayNotEmpty, IsEnum, MaxLength, ValidateNested } from 'class-validator';
import { ObjectId } from 'mongodb';
import { CreatedAt, Entity, Id, Index, Prop, UpdatedAt } from '../../lib/index.js';
import { Address } from '../shared/address.js';
import { LineItem } from './line-item.js';
import { OrderStatus } from './order-status.js';

@Entity('orders')
@Index({ placedAt: -1 })
@Index({ status: 1, placedAt: -1 })
export class Order {
  @Id() id!: ObjectId;
  @Prop({ index: true }) customerId!: ObjectId;
  @Prop(() => [LineItem]) @ArrayNotEmpty() @ValidateNested() items!: LineItem[];
  @Prop() @ValidateNested() address!: Address;
  @Prop(() => [String]) @MaxLength(30, { each: true }) tags: string[] = [];
  @Prop({ default: '' }) @MaxLength(500) note!: string;
  @Prop({ enum: OrderStatus }) @IsEnum(OrderStatus) status: OrderStatus = OrderStatus.Open;
  @Prop() placedAt!: Date;
  @CreatedAt() createdAt!: Date;
  @UpdatedAt() updatedAt!: Date;
}
