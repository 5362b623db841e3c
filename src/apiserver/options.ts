/** The options that come in the query. Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation and internalversion/validation. */

import { validateFieldManager } from '../catalog/metadata.ts';
import { type FieldError, forbidden, invalid as invalidValue, notSupported, required } from '../objects/field-error.ts';
import { type FieldSelector, parseFieldSelector } from '../objects/field-selector.ts';
import { parseLabelSelector, type TextSelector } from '../objects/label-selector.ts';
import { badRequest, invalid, StatusError } from '../objects/status.ts';
import type { FieldValidation } from './codec/body.ts';
import { isTrue } from './route.ts';

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions';

const refuse = (kind: OptionsKind, errors: FieldError[]): void => {
  if (errors.length > 0) throw invalid('meta.k8s.io', kind, '', errors);
};

export interface WriteOptions {
  dryRun: boolean;
  fieldManager: string;
  fieldValidation: FieldValidation;
  force: boolean | undefined;
}

/** Of create, update and patch. `apply`: server-side apply, which must say who it is. */
export function writeOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  apply = false,
): WriteOptions {
  const errors: FieldError[] = [];
  const manager = query.get('fieldManager') ?? '';
  const force = query.get('force');
  if (kind === 'PatchOptions') {
    if (apply && manager === '') errors.push(required('fieldManager', 'is required for apply patch'));
    if (!apply && force !== null) errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  errors.push(...validateFieldManager(manager, 'fieldManager'));
  errors.push(...validateDryRun(query.getAll('dryRun')));
  const validation = query.get('fieldValidation') ?? '';
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(validation))
    errors.push(notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  refuse(kind, errors);
  return {
    dryRun: query.getAll('dryRun').includes('All'),
    fieldManager: manager,
    fieldValidation: (validation || 'Warn') as FieldValidation,
    force: force === null ? undefined : isTrue(force),
  };
}

const validateDryRun = (values: string[]): FieldError[] =>
  values.some((v) => v !== 'All') ? [notSupported('dryRun', goList(values), ['All'])] : [];

/** A Go slice of strings as a bad value is printed. */
const goList = (values: string[]): string[] => values;

/** The default name of a manager: the user agent up to its first slash. */
export function managerOf(fieldManager: string, request: Request): string {
  if (fieldManager) return fieldManager;
  const agent = (request.headers.get('user-agent') ?? '').split('/')[0]!;
  const printable = agent.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '').slice(0, 128);
  return printable || 'unknown';
}

export interface ListOptions {
  labels: TextSelector;
  fields: FieldSelector;
  limit: number;
  continue: string;
  resourceVersion: string;
  resourceVersionMatch: string;
  sendInitialEvents: boolean | undefined;
  allowWatchBookmarks: boolean;
  timeoutSeconds: number | undefined;
}

/** Reads first, then checks what was read. Throws 400 for what can't be read and 422 for what makes no sense together. */
export function listOptions(query: URLSearchParams): ListOptions {
  const sendInitialEvents = query.get('sendInitialEvents');
  const timeoutSeconds = integer(query, 'timeoutSeconds');
  const limit = integer(query, 'limit') ?? 0;
  const options: ListOptions = {
    labels: readable(() => parseLabelSelector(query.get('labelSelector') ?? '')),
    fields: readable(() => parseFieldSelector(query.get('fieldSelector') ?? '')),
    limit,
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: sendInitialEvents === null ? undefined : isTrue(sendInitialEvents),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds,
  };
  if (isTrue(query.get('watch'))) {
    // A watch that starts from what is there asks for it, whether it says so or not.
    if (sendInitialEvents === null && !options.resourceVersionMatch && ['', '0'].includes(options.resourceVersion)) {
      options.sendInitialEvents = true;
      options.resourceVersionMatch = 'NotOlderThan';
    }
    refuse('ListOptions', watchErrors(options));
  } else refuse('ListOptions', listErrors(options));
  return options;
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

export const INT64_MAX = 2n ** 63n - 1n;

/** A parameter as Go's int64. Throws 400 in `strconv`'s words. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const refused = (why: string): StatusError => badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refused('invalid syntax');
  const value = BigInt(text.replace('+', ''));
  if (value > INT64_MAX || value < -INT64_MAX - 1n) throw refused('value out of range');
  return Number(value);
}

const FIELD = 'resourceVersionMatch';
const UNLESS = 'resourceVersionMatch is forbidden';

function listErrors(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const match = options.resourceVersionMatch;
  if (match !== '') {
    if (options.resourceVersion === '') errors.push(forbidden(FIELD, `${UNLESS} unless resourceVersion is provided`));
    if (options.continue !== '') errors.push(forbidden(FIELD, `${UNLESS} when continue is provided`));
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push(notSupported(FIELD, match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && options.resourceVersion === '0')
      errors.push(forbidden(FIELD, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (options.sendInitialEvents !== undefined)
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchErrors(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const match = options.resourceVersionMatch;
  if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan')
    errors.push(forbidden(FIELD, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (match !== '') {
    if (options.sendInitialEvents === undefined)
      errors.push(forbidden(FIELD, `${UNLESS} for watch unless sendInitialEvents is provided`));
    if (match !== 'NotOlderThan') errors.push(notSupported(FIELD, match, ['NotOlderThan']));
    if (options.continue !== '') errors.push(forbidden(FIELD, `${UNLESS} when continue is provided`));
  }
  return errors;
}

/** A list's resourceVersion as a revision. Throws 400. */
export function parseRevision(text: string): number {
  const problem = revisionProblem(text);
  if (problem !== undefined) throw badRequest(`invalid resource version: ${problem}`);
  return Number(text);
}

/** The same of a get or a watch, where the real server answers 500 for what is no number. */
export function parseMinimumRevision(text: string): number {
  const problem = revisionProblem(text);
  if (problem !== undefined) throw new StatusError(500, '', problem);
  return Number(text);
}

function revisionProblem(text: string): string | undefined {
  if (text === '' || (/^\d+$/.test(text) && Number(text) < 2 ** 64)) return undefined;
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  const error = invalidValue('resourceVersion', text, `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`);
  return `${error.field}: ${error.message}`;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun: boolean;
}

function preconditionsOf(query: URLSearchParams): DeleteOptions['preconditions'] {
  const [uid, resourceVersion] = [query.get('uid'), query.get('resourceVersion')];
  if (uid === null && resourceVersion === null) return undefined;
  return { ...(uid === null ? {} : { uid }), ...(resourceVersion === null ? {} : { resourceVersion }) };
}

/** As a body has them, decoded. */
export interface SentDeleteOptions {
  gracePeriodSeconds?: number | undefined;
  propagationPolicy?: string | undefined;
  orphanDependents?: boolean | undefined;
  preconditions?: DeleteOptions['preconditions'] | undefined;
  dryRun?: string[] | undefined;
}

/** From the body where there is one, else from the query. */
export function deleteOptions(query: URLSearchParams, body: SentDeleteOptions | undefined): DeleteOptions {
  const source: SentDeleteOptions = body ?? {
    gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
    propagationPolicy: query.get('propagationPolicy') || undefined,
    orphanDependents: query.get('orphanDependents') === null ? undefined : isTrue(query.get('orphanDependents')),
    preconditions: preconditionsOf(query),
    dryRun: query.getAll('dryRun'),
  };
  const dryRun = source.dryRun ?? [];
  const errors: FieldError[] = [];
  const policy = source.propagationPolicy;
  if (source.orphanDependents !== undefined && policy !== undefined)
    errors.push(
      invalidValue('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  if (policy !== undefined && !['Background', 'Foreground', 'Orphan'].includes(policy))
    errors.push(notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  errors.push(...validateDryRun(dryRun));
  refuse('DeleteOptions', errors);
  return {
    ...(source.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: source.gracePeriodSeconds }),
    ...(policy ? { propagationPolicy: policy as NonNullable<DeleteOptions['propagationPolicy']> } : {}),
    ...(source.orphanDependents === undefined ? {} : { orphanDependents: source.orphanDependents }),
    ...(source.preconditions ? { preconditions: source.preconditions } : {}),
    dryRun: dryRun.includes('All'),
  };
}
