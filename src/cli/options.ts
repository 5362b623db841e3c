/** Options that several commands have. */
import { UsageError } from './command.ts';

const DEFAULT_SERVER = 'http://localhost:8787';

export const SERVER = {
  type: 'string',
  value: 'URL',
  about: `The server; by default the variable DIORAMA_SERVER, or ${DEFAULT_SERVER}.`,
} as const;
export const TOKEN = {
  type: 'string',
  value: 'TOKEN',
  about: "The cluster's token; by default the variable DIORAMA_TOKEN.",
} as const;
export const CLUSTER = { type: 'string', value: 'ID', about: 'The same as ID.' } as const;
export const CLUSTER_OPERAND = { text: 'ID', most: 1 };

/** An option without which there is nothing to do. */
export function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw new UsageError(`${name} is missing`);
  return value;
}

export const tokenOption = (value: string | undefined): string =>
  required(value ?? process.env.DIORAMA_TOKEN, '--token');

export const serverOption = (value: string | undefined): string =>
  value !== undefined || !process.env.DIORAMA_SERVER
    ? address(value ?? DEFAULT_SERVER, '--server')
    : address(process.env.DIORAMA_SERVER, 'DIORAMA_SERVER');

/** The id of the cluster that is meant, as an operand or as an option. */
export function clusterOption(value: string | undefined, [operand]: string[]): string {
  if (value !== undefined && operand !== undefined) throw new UsageError('the cluster is named twice');
  return required(value ?? operand, 'the ID of the cluster');
}

/** The address without a slash at its end. */
export function address(text: string, name: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new UsageError(`${name} ${text} is no http address`);
  return text.replace(/\/+$/, '');
}
