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
  const issues = await Promise.all(planned.map((one) => validateWrite(library, one)));
  return issues.flat();
}

async function validateWrite(library: ClassValidator, { managed, next, fields }: PlannedWrite): Promise<ErrorIssue[]> {
  const { map } = managed.store;
  if (next === undefined || fields?.length === 0 || !hasValidators(library, map.target)) return [];
  return validateBytes(library, managed.store.codec, next, managed.idText, fields);
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

/** Validates what an entity presently is, on request. */
export async function validateInstance(codec: DocumentCodec, bytes: Buffer, id: string): Promise<ErrorIssue[]> {
  const library = await loadValidator();
  if (library === undefined || !hasValidators(library, codec.map.target)) return [];
  return validateBytes(library, codec, bytes, id, undefined);
}
