import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop } from 'nestjs-cow';

@Embedded()
export class Address {
  @Prop() street!: string;
  @Prop() city!: string;
  @Prop() zip!: string;
  @Prop() country!: string;
}

@Embedded({ key: 'sku' })
export class LineItem {
  @Prop() sku!: string;
  @Prop() name!: string;
  @Prop() qty!: number;
  @Prop() price!: number;
}

/** Twelve fields, a nested address, lines: what most cases load. */
@Entity({ collection: 'orders' })
export class Order {
  @Id() id!: ObjectId;
  @Prop() number!: number;
  @Prop() customer!: string;
  @Prop() email!: string;
  @Prop() status!: string;
  @Prop() total!: number;
  @Prop() currency!: string;
  @Prop() paid!: boolean;
  @Prop() priority!: number;
  @Prop() placedAt!: Date;
  @Prop() address!: Address;
  @Prop(() => [LineItem]) items!: LineItem[];
}
