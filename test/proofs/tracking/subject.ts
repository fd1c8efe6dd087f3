import 'reflect-metadata';
import { IsArray, IsNotEmpty, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Decimal128, ObjectId } from 'mongodb';
import {
  Embedded,
  Entity,
  Id,
  Prop,
  Version,
  entityMapOf,
  type ClassType,
  type PropOptions,
} from '../../../lib/mapping/index.js';
import { findMetadata } from '../../../lib/mapping/metadata.js';

@Embedded()
export class Point {
  @Prop() x!: number;
  @Prop() y?: number;
  @Prop({ name: 'l' }) label?: string;
}

@Embedded()
export class Place {
  @Prop() city!: string;
  @Prop({ name: 'str' }) street?: string;
  @Prop() at?: Point;
  @Prop(() => [String]) lines?: string[];
}

@Embedded({ key: 'sku' })
export class Line {
  @Prop() sku!: string;
  @Prop() qty!: number;
  @Prop() note?: string;
  @Prop() at?: Point;
  @Prop(() => [String]) marks?: string[];
}

@Embedded({ discriminator: 'kind' })
export abstract class Payment {
  @Prop() kind!: string;
}

@Embedded({ discriminatorValue: 'card' })
export class Card extends Payment {
  @Prop() number?: string;
  @Prop() at?: Point;
}

@Embedded({ discriminatorValue: 'transfer' })
export class Transfer extends Payment {
  @Prop() number?: string;
  @Prop() iban?: string;
}

/** Every kind of field that a mutation can reach. Rules make class-validator read it all; what they say is not asked. */
export class SubjectFields {
  @Id() id!: ObjectId;
  @Prop() @IsOptional() @IsString() text?: string;
  @Prop({ name: 'n_um' }) num?: number;
  @Prop() flag?: boolean;
  @Prop() when?: Date;
  @Prop() big?: bigint;
  @Prop() dec?: Decimal128;
  @Prop() ref?: ObjectId;
  @Prop() bytes?: Buffer;
  @Prop({ type: String, nullable: true }) maybe?: string | null;
  @Prop() @ValidateNested() place?: Place;
  @Prop() @ValidateNested() payment?: Payment;
  @Prop({ name: 'lns', type: () => [Line] }) @ValidateNested({ each: true }) lines?: Line[];
  @Prop(() => [Point]) points?: Point[];
  @Prop(() => [String]) tags?: string[];
  @Prop(() => [Number]) nums: number[] = [];
  @Prop(() => [[Number]]) @IsArray() grid?: number[][];
  @Prop({ type: Map, of: Number }) stock?: Map<string, number>;
  @Prop({ type: Map, of: Point }) @ValidateNested() spots?: Map<string, Point>;
  @Prop({ type: Set, of: String }) roles?: Set<string>;
  @Prop({ type: Object }) @IsNotEmpty() free?: unknown;
  @Prop({ merge: 'sum' }) views?: number;
  @Prop({ type: () => [String], merge: 'set' }) labels?: string[];
  @Prop() status: string = 'new';
}

@Entity({ collection: 'guarded' })
export class Guarded extends SubjectFields {}

@Entity({ collection: 'versioned' })
export class Versioned extends SubjectFields {
  @Version() version!: number;
}

@Entity({ collection: 'unguarded', concurrency: 'none' })
export class Unguarded extends SubjectFields {}

/** In a collection that compares strings without regard to case, found by a string id. */
@Entity({ collection: 'collated' })
export class Collated extends SubjectFields {}
Id({ type: () => String })(Collated.prototype, 'id');

let made = 0;

/**
 * A class with a random part of the fields, under random stored names.
 *
 * @param choice one number a field: 0 leaves it out, an odd one gives it another name
 */
export function randomSubject(choice: readonly number[]): { type: ClassType; stored: (name: string) => string } {
  class Random {}
  const names = new Map<string, string>();
  const { fields } = entityMapOf(Guarded);
  for (const [index, field] of fields.entries()) {
    const pick = choice[index % choice.length]!;
    const name = pick % 2 === 1 && field.property !== 'id' ? `r${index}_${field.stored}` : field.stored;
    if (pick === 0 && field.property !== 'id') continue;
    names.set(field.stored, name);
    const type = Reflect.getMetadata('design:type', SubjectFields.prototype, field.property) as never;
    Reflect.defineMetadata('design:type', type, Random.prototype, field.property);
    const options = { ...optionsOf(field.property), name };
    (field.property === 'id' ? Id() : Prop(options))(Random.prototype, field.property);
  }
  Object.defineProperty(Random, 'name', { value: `Random${made++}` });
  Entity({ collection: 'guarded' })(Random);
  return { type: Random, stored: (name) => names.get(name) ?? name };
}

function optionsOf(property: string): PropOptions {
  const own = findMetadata(SubjectFields)?.props.get(property);
  return own?.options ?? {};
}
