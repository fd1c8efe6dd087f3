import { Embedded, Prop } from '../../../../lib/mapping/index.js';
import { Note, type Author } from './author.js';

@Embedded()
export class Book {
  @Prop() title!: string;
  @Prop(() => Book) sequel?: Book;
  @Prop(() => Note) note?: object;
  author?: Author;
}
