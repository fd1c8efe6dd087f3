import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { ClassType } from '../mapping/index.js';
import { onProp, type PropMetadata } from '../mapping/metadata.js';

/** A property as it was decorated, and the class that declares it. */
export interface DescribedProp {
  readonly target: ClassType;
  readonly prop: PropMetadata;
}

/** The extension by which a property is found again in the finished document, where it has been copied to a DTO. */
export const MARK = 'x-nestjs-cow';

/** The key under which @nestjs/swagger keeps what `@ApiProperty()` was given. */
const API_PROPERTY = 'swagger/apiModelProperties';

const described = new Map<string, DescribedProp>();
const marks = new WeakMap<ClassType, Map<string, string>>();
let isListening = false;

/**
 * Makes every decorated property known to @nestjs/swagger, as one that `createDocument()` will describe: what it holds
 * can be known only when all classes are loaded.
 */
export function describeProps(): void {
  if (isListening) return;
  isListening = true;
  onProp((target, prop) => {
    const prototype = target.prototype as object;
    const before = Reflect.getOwnMetadata(API_PROPERTY, prototype, prop.property) as ApiPropertyOptions | undefined;
    ApiProperty({
      type: String,
      required: prop.role === 'id' || prop.options.required === true,
      ...(prop.role !== undefined && { readOnly: true }),
      ...explicit(before, prop),
      [MARK]: markOf(target, prop),
    } as ApiPropertyOptions)(prototype, prop.property);
  });
}

/** The property that a mark stands for. */
export function describedBy(mark: unknown): DescribedProp | undefined {
  return typeof mark === 'string' ? described.get(mark) : undefined;
}

/** What an `@ApiProperty()` below `@Prop()` said; a type that it only took from reflection is none. */
function explicit(options: ApiPropertyOptions | undefined, { designType }: PropMetadata): object {
  const { type, ...rest } = (options ?? {}) as { type?: unknown };
  return type === undefined || type === designType ? rest : { type, ...rest };
}

/** The same for each decorator of one property; another for a class of the same name. */
function markOf(target: ClassType, prop: PropMetadata): string {
  const known = marks.get(target) ?? new Map<string, string>();
  marks.set(target, known);
  let mark = known.get(prop.property);
  if (mark === undefined) {
    mark = `${target.name}.${prop.property}`;
    for (let n = 2; described.has(mark); n++) mark = `${target.name}.${prop.property}#${n}`;
    known.set(prop.property, mark);
  }
  described.set(mark, { target, prop });
  return mark;
}
