import { ObjectId } from 'mongodb';
import { Embedded, Entity, Id, Prop } from '../../../../lib/mapping/index.js';
import { Book } from './book.js';

@Entity()
export class Author {
  @Id() id!: ObjectId;
  @Prop(() => [Book]) books!: Book[];
}

@Embedded()
export class Note {
  @Prop() text!: string;
}
