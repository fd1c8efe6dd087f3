import { Injectable, Optional, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { ObjectId } from '../bson/values.js';
import { CowError } from '../errors/index.js';

/** Options of `ParseObjectIdPipe`. */
export interface ParseObjectIdOptions {
  /** Lets `undefined` and `null` pass. Default: false. */
  optional?: boolean;
}

/**
 * Makes an ObjectId of a parameter; anything but 24 hexadecimal digits is answered by 400.
 *
 * @example findOne(\@Param('id', ParseObjectIdPipe) id: ObjectId)
 */
@Injectable()
export class ParseObjectIdPipe implements PipeTransform<unknown, ObjectId | null | undefined> {
  private readonly optional: boolean;

  constructor(@Optional() { optional = false }: ParseObjectIdOptions = {}) {
    this.optional = optional;
  }

  /** @throws InvalidId */
  transform(value: unknown, { data }: Pick<ArgumentMetadata, 'data'>): ObjectId | null | undefined {
    if ((value === undefined || value === null) && this.optional) return value;
    if (value instanceof ObjectId) return value;
    // ObjectId's own constructor also takes numbers and twelve bytes.
    if (typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value)) return new ObjectId(value);
    throw new CowError('InvalidId', {
      given: data === undefined ? 'The value' : `The parameter "${data}"`,
      expected: '24 hexadecimal digits',
    });
  }
}
