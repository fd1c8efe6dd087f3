import 'reflect-metadata';
import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop, Version } from '../../../lib/mapping/index.js';

@Embedded()
export class Place {
  @Prop() city!: string;
  @Prop() zip!: string;
}

@Embedded({ key: 'sku' })
export class Line {
  @Prop() sku!: string;
  @Prop() qty!: number;
  @Prop() note!: string;
}

/** One field of each kind of rule. */
export class Fields {
  @Id() id!: ObjectId;
  @Prop() text!: string;
  @Prop() num!: number;
  @Prop({ unique: true }) code!: string;
  @Prop() place!: Place;
  @Prop({ merge: 'sum' }) views!: number;
  @Prop({ merge: 'max' }) best!: number;
  @Prop({ type: () => [String], merge: 'set' }) labels!: string[];
  @Prop(() => [String]) tags!: string[];
  @Prop(() => [Line]) lines!: Line[];
}

@Entity({ collection: 'by_fields' })
export class ByFields extends Fields {}

@Entity({ collection: 'by_version' })
export class ByVersion extends Fields {
  @Version() version!: number;
}
