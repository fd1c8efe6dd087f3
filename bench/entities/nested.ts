import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop } from 'nestjs-cow';

/** Fifteen texts; some have an id of their own to be found by. */
@Embedded()
export class Texts {
  @Prop() unique_id?: ObjectId;
  @Prop() field1!: string;
  @Prop() field2!: string;
  @Prop() field3!: string;
  @Prop() field4!: string;
  @Prop() field5!: string;
  @Prop() field6!: string;
  @Prop() field7!: string;
  @Prop() field8!: string;
  @Prop() field9!: string;
  @Prop() field10!: string;
  @Prop() field11!: string;
  @Prop() field12!: string;
  @Prop() field13!: string;
  @Prop() field14!: string;
  @Prop() field15!: string;
}

/** Fifteen numbers. */
@Embedded()
export class Numbers {
  @Prop() field1!: number;
  @Prop() field2!: number;
  @Prop() field3!: number;
  @Prop() field4!: number;
  @Prop() field5!: number;
  @Prop() field6!: number;
  @Prop() field7!: number;
  @Prop() field8!: number;
  @Prop() field9!: number;
  @Prop() field10!: number;
  @Prop() field11!: number;
  @Prop() field12!: number;
  @Prop() field13!: number;
  @Prop() field14!: number;
  @Prop() field15!: number;
}

/** The nested document of about 8 KB of the ODM benchmark. */
@Entity({ collection: 'nested' })
export class Nested {
  @Id() id!: ObjectId;
  @Prop() embedded_str_doc_1!: Texts;
  @Prop() embedded_str_doc_2!: Texts;
  @Prop() embedded_str_doc_3!: Texts;
  @Prop() embedded_str_doc_4!: Texts;
  @Prop() embedded_str_doc_5!: Texts;
  @Prop(() => [Texts]) embedded_str_doc_array!: Texts[];
  @Prop() embedded_int_doc_8!: Numbers;
  @Prop() embedded_int_doc_9!: Numbers;
  @Prop() embedded_int_doc_10!: Numbers;
  @Prop() embedded_int_doc_11!: Numbers;
  @Prop() embedded_int_doc_12!: Numbers;
  @Prop() embedded_int_doc_13!: Numbers;
  @Prop() embedded_int_doc_14!: Numbers;
}
