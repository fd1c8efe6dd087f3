import type { ErrorIssue } from '../errors/index.js';
import type { DocumentCodec } from '../bson/document-codec.js';
import type { PlannedWrite } from './changes.js';

/** The part of class-validator that is used. It is an optional peer, so its own types must not show. */
interface ClassValidator {
  validate(object: object, options: object): Promise<ValidatorError[]>;
  getMetadataStorage(): {
    getTargetValidationMetadatas(target: unknown, schema: string, always: boolean, strict: boolean): unknown[];
  };
}

interface ValidatorError {
  readonly property: string;
  readonly constraints?: Record<string, string>;
  readonly children?: ValidatorError[];
}

/** Whitelisting would delete undecorated fields, the id included; a class without validators is no error. */
const OPTIONS = { whitelist: false, forbidUnknownValues: false };

let validator: Promise<ClassValidator | undefined> | undefined;

/** class-validator, if it is installed. */
function loadValidator(): Promise<ClassValidator | undefined> {
  validator ??= import('class-validator').then(
    (module) => module as unknown as ClassValidator,
    () => undefined,
  );
  return validator;
}

/**
 * Runs class-validator on what is going to be stored: whole new entities, and the changed fields of loaded ones. It
 * sees plain instances decoded from the planned documents, so that its reads touch nothing.
 */
export async function validateWrites(planned: readonly PlannedWrite[]): Promise<ErrorIssue[]> {
  const library = await loadValidator();
  if (library === undefined) return [];
  const checked = new Map<unknown, boolean>(); // asked once for each class: most have no rules
  const concerned = planned.filter(({ managed, after, fields }) => {
    if (after === undefined || fields?.length === 0) return false;
    const { target } = managed.store.map;
    let has = checked.get(target);
    if (has === undefined) checked.set(target, (has = hasValidators(library, target)));
    return has;
  });
  if (concerned.length === 0) return [];
  const issues = await Promise.all(
    concerned.map(({ managed, after, fields }) =>
      validateBytes(library, managed.store.codec, after!.bytes, managed.idText, fields),
    ),
  );
  return issues.flat();
}

/** Validates an entity as it is stored in `bytes`. */
async function validateBytes(
  library: ClassValidator,
  codec: DocumentCodec,
  bytes: Buffer,
  id: string,
  fields: readonly string[] | undefined,
): Promise<ErrorIssue[]> {
  const errors = await library.validate(codec.decodeInstance(bytes), OPTIONS);
  const concerned =
    fields === undefined ? errors : errors.filter((error) => fields.some((f) => rootOf(f) === error.property));
  return concerned.flatMap((error) => issuesOf(codec.map.name, id, error, error.property));
}

function rootOf(field: string): string {
  return field.split('.')[0]!;
}

function hasValidators(library: ClassValidator, target: unknown): boolean {
  return library.getMetadataStorage().getTargetValidationMetadatas(target, '', true, false).length > 0;
}

function issuesOf(entity: string, id: string, error: ValidatorError, field: string): ErrorIssue[] {
  const own = Object.values(error.constraints ?? {}).map((message) => `${entity}.${field}: ${message}`);
  const inner = (error.children ?? []).flatMap((child) => issuesOf(entity, id, child, `${field}.${child.property}`));
  if (own.length === 0) return inner;
  return [{ entity, id, field, message: own.join(', '), constraints: error.constraints ?? {} }, ...inner];
}

/** Validates a document. @returns what is wrong with it */
export type Validate = (codec: DocumentCodec, bytes: Buffer, id: string) => Promise<ErrorIssue[]>;

/** Answers how the documents of a class are validated; undefined for a class without rules. */
export async function findValidator(): Promise<(target: unknown) => Validate | undefined> {
  const library = await loadValidator();
  if (library === undefined) return () => undefined;
  const validate: Validate = (codec, bytes, id) => validateBytes(library, codec, bytes, id, undefined);
  return (target) => (hasValidators(library, target) ? validate : undefined);
}

/** Validates what an entity presently is, on request. */
export async function validateInstance(codec: DocumentCodec, bytes: Buffer, id: string): Promise<ErrorIssue[]> {
  const find = await findValidator();
  return (await find(codec.map.target)?.(codec, bytes, id)) ?? [];
}
