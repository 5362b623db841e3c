import type { Status } from '../../objects/status.ts';

/** The answer to what is created on an object and is none itself. */
export const CREATED: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
