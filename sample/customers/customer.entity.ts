import { IsEmail, IsString, Length, ValidateNested } from 'class-validator';
import { ObjectId } from 'mongodb';
import { CreatedAt, Entity, Id, Prop } from '../../lib/index.js';
import { Address } from '../shared/address.js';

@Entity('customers')
export class Customer {
  @Id() id!: ObjectId;
  @Prop() @IsString() @Length(1, 200) name!: string;
  @Prop({ unique: true }) @IsEmail() email!: string;
  @Prop() @ValidateNested() address!: Address;
  @CreatedAt() createdAt!: Date;
}
