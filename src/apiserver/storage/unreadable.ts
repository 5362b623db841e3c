/**
 * What lies at an object's key and can't be read as one: it stays where it is, and whoever asks for it is told.
 * Source: k8s.io/apiserver/pkg/storage/etcd3/corrupt_obj_deleter.go.
 */
import { type GroupResource, groupResourceName, internalError, StatusError } from '../../objects/status.ts';

/** A list names as many, and says that there are more. */
export const MAX_TOLD_UNREADABLE = 100;

const PREFIX = '/registry';

export class UnreadableError extends Error {
  /** The key in the store. */
  readonly key: string;

  /** `problem` is why, in the words of Go's decoders. */
  constructor(key: string, modRevision: number, problem: string) {
    super(`object not decodable revision=${modRevision}: ${problem}`);
    this.key = key;
  }
}

const storageError = (key: string, message: string): string =>
  `StorageError: corrupt object, Code: 7, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${message}`;

/** For a request about the object itself; one that would change it is told in plainer words. */
export function unreadableStatus({ key, message }: UnreadableError, changes: boolean): StatusError {
  if (changes) return new StatusError(500, '', message);
  return internalError(storageError(key.slice(PREFIX.length), message));
}

/** What of a list could not be read, gathered while it is made. */
export class Unreadables {
  readonly #errors: UnreadableError[] = [];

  /** What `read` answers; undefined if that could not be read. */
  read<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      this.#errors.push(error);
      return undefined;
    }
  }

  /** Throws `StatusError` if there were any. */
  check(resource: GroupResource): void {
    const first = this.#errors[0];
    if (!first) return;
    const told = this.#errors.slice(0, MAX_TOLD_UNREADABLE);
    const causes: { reason: string; message: string; field?: string }[] = told.map(({ key, message }) => ({
      reason: 'UnexpectedServerResponse',
      message: storageError(key, message),
      field: key,
    }));
    if (told.length === MAX_TOLD_UNREADABLE)
      causes.push({ reason: 'FieldValueTooMany', message: 'too many errors, the list is truncated' });
    const more = told.length > 1 ? ` (and ${told.length - 1} more)` : '';
    const text = `failed to read one or more ${groupResourceName(resource)} from the storage: ${causes[0]!.message}${more}`;
    throw new StatusError(500, 'StorageReadError', text, {
      name: 'list',
      ...(resource.group ? { group: resource.group } : {}),
      kind: resource.resource,
      causes,
    });
  }
}
