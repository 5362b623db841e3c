/** Errors of the API as values: a `Status` and the one error type that carries it. Source: k8s.io/apimachinery/pkg/api/errors. */
import type { FieldError } from './field-error.ts';

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The `v1` Status object; field order on the wire is Go's. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** Characters of an error's message, and of all its causes together: what is over is left out, so that no error is a document. */
export const MAX_MESSAGE = 64 * 1024;

const cut = (text: string): string => (text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)} ...` : text);

/** As many of the causes as have room. */
function fitting(details: StatusDetails): StatusDetails {
  let room = MAX_MESSAGE;
  const fits = (cause: StatusCause): boolean => {
    room -= (cause.message?.length ?? 0) + (cause.field?.length ?? 0);
    return room >= 0;
  };
  return details.causes ? { ...details, causes: details.causes.filter(fits) } : details;
}

export class StatusError extends Error {
  readonly status: Status;
  constructor(code: number, reason: string, text: string, details?: StatusDetails) {
    const message = cut(text);
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason ? { reason } : {}),
      ...(details ? { details: fitting(details) } : {}),
      code,
    };
  }
}

/** `pods` or `deployments.apps`: how messages name a resource. */
export interface GroupResource {
  group: string;
  resource: string;
}

export const groupResourceName = (r: GroupResource): string => (r.group ? `${r.resource}.${r.group}` : r.resource);

const named = (r: GroupResource, name: string): StatusDetails => ({
  name,
  ...(r.group ? { group: r.group } : {}),
  kind: r.resource,
});

export const notFound = (r: GroupResource, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${groupResourceName(r)} "${name}" not found`, named(r, name));

export const alreadyExists = (r: GroupResource, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${groupResourceName(r)} "${name}" already exists`, named(r, name));

export const conflict = (r: GroupResource, name: string, detail: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${groupResourceName(r)} "${name}": ${detail}`,
    named(r, name),
  );

export const forbidden = (r: GroupResource, name: string, detail: string): StatusError =>
  new StatusError(
    403,
    'Forbidden',
    name
      ? `${groupResourceName(r)} "${name}" is forbidden: ${detail}`
      : `${groupResourceName(r)} is forbidden: ${detail}`,
    { ...(name ? { name } : {}), ...(r.group ? { group: r.group } : {}), kind: r.resource },
  );

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);

/** An error of the server's own. */
export const internalError = (message: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

/** 422 with one cause a field error. `kind` is the object's kind (`Deployment`), unlike in the others. */
export function invalid(group: string, kind: string, name: string, errors: FieldError[]): StatusError {
  // The same thing found twice is said once.
  const distinct = new Map(errors.map((e) => [`${e.field}: ${e.message}`, e]));
  const texts = [...distinct.keys()];
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const who = group ? `${kind}.${group}` : kind;
  return new StatusError(422, 'Invalid', `${who} "${name}" is invalid: ${all}`, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    ...(kind ? { kind } : {}),
    causes: [...distinct.values()].map((e) => ({ reason: e.type, message: e.message, field: e.field })),
  });
}
