import { CowError } from '../errors/index.js';
import { membersOf, withoutText } from './class-source.js';
import type { ClassType } from './entity-map.js';
import { lineage } from './metadata.js';

/** What of a class's members lives on the instance, where only a constructor can put it. */
export type HiddenMember = 'private' | 'accessor';

/**
 * Loaded instances are made without a constructor, so what only a constructor can set up cannot work on them. These
 * checks refuse it at start, with the remedy.
 */
export function checkClass(target: ClassType, hasFactory: boolean): void {
  for (const type of lineage(target)) {
    const hidden = hiddenMember(sourceOf(type), type.name);
    if (hidden === 'private') {
      throw new CowError('InvalidMapping', {
        entity: target.name,
        reason: `${type.name} has #private members, which cannot exist on an object that no constructor made`,
        expected: 'Use TypeScript’s `private` instead of `#`.',
      });
    }
    if (hidden === 'accessor') {
      throw new CowError('InvalidMapping', {
        entity: target.name,
        reason: `${type.name} has \`accessor\` members, which cannot exist on an object that no constructor made`,
        expected: 'Declare a plain property, or a getter and a setter.',
      });
    }
  }
  if (!hasFactory && parameterCount(target) > 0) {
    throw new CowError('InvalidMapping', {
      entity: target.name,
      reason: 'its constructor has parameters, so that the library cannot make an instance',
      expected: 'Give a factory: @Entity({ create: (data) => new TheClass(…) }), or drop the parameters.',
    });
  }
}

/**
 * Does the class of this source keep anything on its instances that needs its constructor? Static private members do
 * not: they belong to the class.
 *
 * @param source as `toString` gives it; that of an old-style function has no such members
 */
export function hiddenMember(source: string, name: string): HiddenMember | undefined {
  if (!source.startsWith('class')) return undefined;
  const code = withoutText(source);
  const members = membersOf(code);
  const privates = [...members.matchAll(PRIVATE)].filter(([, isStatic]) => isStatic === undefined);
  const lowered = code.match(loweredPrivate(name)) ?? [];
  // TypeScript writes an accessor as a getter and a setter of a private field.
  const isStorage = (text: string) => text.includes('_accessor_storage');
  if (ACCESSOR.test(members) || [...privates.map(([text]) => text), ...lowered].some(isStorage)) return 'accessor';
  return privates.length > 0 || lowered.length > 0 ? 'private' : undefined;
}

/** A private member where it is declared, not where it is used (after a dot). */
const PRIVATE =
  /(\bstatic\s+(?:async\s+)?(?:\*\s*)?(?:(?:get|set)\s+)?)?(?<!\.\s*)#[\p{ID_Start}$_\\][\p{ID_Continue}$]*(?![\p{ID_Continue}$]|\s+in\b)/gu;

const ACCESSOR = /(?<!\bstatic\s+)(?<![\w$.])accessor[ \t]+[\p{ID_Start}$_#[]/u;

/** Where compilers to older targets give an instance its private members: TypeScript, esbuild, SWC, Babel. */
function loweredPrivate(name: string): RegExp {
  const typescript = `_${name.replace(/\W/g, '\\$&')}_[^\\s.()]+\\.(?:set|add)`;
  const others = '_{0,2}(?:privateAdd|class(?:Private|_private_)(?:[Ff]ield|[Mm]ethod)_?[Ii]nit(?:Spec)?)[\\w$.)]*';
  return new RegExp(`(?<![\\w$])(?:${typescript}|${others})\\(this\\b`, 'g');
}

/** How many parameters the constructor takes: the class's own, else the nearest one that it inherits. */
function parameterCount(target: ClassType): number {
  const isClass = (type: ClassType) => sourceOf(type).startsWith('class');
  if (!isClass(target)) return target.length;
  const classes = lineage(target).filter(isClass);
  return classes.findLast((type) => CONSTRUCTOR.test(membersOf(withoutText(sourceOf(type)))))?.length ?? 0;
}

const CONSTRUCTOR = /(?<!\bstatic\s+)(?<![\w$.])constructor\s*\(/;

function sourceOf(type: ClassType): string {
  return Function.prototype.toString.call(type);
}
