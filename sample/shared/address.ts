import { IsString, Length } from 'class-validator';
import { Embedded, Prop } from '../../lib/index.js';

@Embedded()
export class Address {
  @Prop() @IsString() @Length(1, 100) street!: string;
  @Prop() @IsString() @Length(1, 20) zip!: string;
  @Prop() @IsString() @Length(1, 100) city!: string;
  @Prop() @IsString() @Length(1, 100) country!: string;
}
