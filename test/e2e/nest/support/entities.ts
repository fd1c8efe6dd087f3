import { ObjectId } from 'mongodb';
import { Entity, Id, Index, Prop, Version } from '../../../../lib/index.js';

@Entity({ collection: 'orders' })
@Index({ customer: 1, qty: -1 })
export class Order {
  @Id() id!: ObjectId;
  @Prop() customer!: string;
  @Prop() note!: string;
  @Prop() qty!: number;
}

@Entity({ collection: 'accounts' })
export class Account {
  @Id() id!: ObjectId;
  @Prop({ unique: true }) email!: string;
  @Version() version!: number;
}
