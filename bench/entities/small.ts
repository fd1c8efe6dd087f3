import { ObjectId } from 'mongodb';
import { Entity, Id, Prop } from 'nestjs-cow';

/** The flat document of about 250 bytes of the ODM benchmark. */
@Entity({ collection: 'small' })
export class Small {
  @Id() id!: ObjectId;
  @Prop() field1!: string;
  @Prop() field2!: string;
  @Prop() field3!: string;
  @Prop() field4!: string;
  @Prop() field5!: string;
  @Prop() field6!: string;
  @Prop() field7!: string;
  @Prop() field8!: number;
  @Prop() field9!: number;
  @Prop() field10!: number;
  @Prop() field11!: number;
  @Prop() field12!: number;
  @Prop() field13!: number;
  @Prop({ name: 'field_fk' }) foreign?: ObjectId;
}
