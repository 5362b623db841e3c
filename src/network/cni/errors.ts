/** What a plugin says when it fails. Source: https://www.cni.dev/docs/spec/#error */

export const ErrorCode = {
  incompatibleVersion: 1,
  unknownContainer: 3,
  invalidEnvironment: 4,
  decodingFailure: 6,
  invalidNetworkConfig: 7,
  invalidNetNS: 8,
  /** Of the library: whatever has no code of its own. */
  internal: 999,
} as const;

export interface ErrorResult {
  code: number;
  msg: string;
  details?: string;
}

export class CNIError extends Error {
  readonly result: ErrorResult;

  constructor(message: string, code: number = ErrorCode.internal, details = '') {
    super(message);
    this.result = { code, msg: message, ...(details === '' ? {} : { details }) };
  }

  /** As the library tells it to the runtime. */
  override toString(): string {
    return this.result.details === undefined ? this.message : `${this.message}; ${this.result.details}`;
  }
}

/** The plugin's process ends by itself, as on a nil pointer: nothing is on stdout. */
export class PluginCrash extends Error {}

export function fail(message: string, code: number = ErrorCode.internal, details = ''): never {
  throw new CNIError(message, code, details);
}

/** Does the work; what goes wrong is told in other words. An error that came from another plugin as it is keeps its code nowhere but alone. */
export function wrapping<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CNIError) throw new CNIError(`${prefix}: ${error}`);
    throw error;
  }
}
