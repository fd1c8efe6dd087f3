import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDate,
  IsEmail,
  IsIn,
  IsInt,
  IsISO4217CurrencyCode,
  IsNotEmpty,
  IsNumber,
  IsPositive,
  IsString,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';
import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop } from 'nestjs-cow';

@Embedded()
export class ValidatedAddress {
  @Prop() @IsNotEmpty() street!: string;
  @Prop() @IsNotEmpty() city!: string;
  @Prop() @Length(4, 10) zip!: string;
  @Prop() @Length(2, 2) country!: string;
}

@Embedded({ key: 'sku' })
export class ValidatedLineItem {
  @Prop() @IsNotEmpty() sku!: string;
  @Prop() @IsString() name!: string;
  @Prop() @IsInt() @IsPositive() qty!: number;
  @Prop() @IsNumber() @Min(0) price!: number;
}

/** The order with rules of class-validator on every field. */
@Entity({ collection: 'validated_orders' })
export class ValidatedOrder {
  @Id() id!: ObjectId;
  @Prop() @IsInt() number!: number;
  @Prop() @IsNotEmpty() customer!: string;
  @Prop() @IsEmail() email!: string;
  @Prop() @IsIn(['new', 'paid', 'shipped', 'closed']) status!: string;
  @Prop() @IsNumber() total!: number;
  @Prop() @IsISO4217CurrencyCode() currency!: string;
  @Prop() @IsBoolean() paid!: boolean;
  @Prop() @IsInt() priority!: number;
  @Prop() @IsDate() placedAt!: Date;
  @Prop() @ValidateNested() @Type(() => ValidatedAddress) address!: ValidatedAddress;
  @Prop(() => [ValidatedLineItem])
  @ValidateNested({ each: true })
  @Type(() => ValidatedLineItem)
  items!: ValidatedLineItem[];
}
