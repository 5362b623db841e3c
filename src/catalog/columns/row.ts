/** What the row functions of all groups share. */
import type { KubeObject } from '../../objects/object.ts';
import { formatLabelSelector, type LabelSelector } from '../../objects/selectors.ts';
import { since } from './duration.ts';

export type Cell = string | number | boolean | null;

export interface Row {
  cells: Cell[];
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
}

/** The cells of an object, all columns; `now` in milliseconds. */
export type RowOf = (object: KubeObject, now: number) => Row | Cell[];

export const NONE = '<none>';
export const UNSET = '<unset>';

export const age = (object: KubeObject, now: number): string => since(object.metadata.creationTimestamp, now);

/** A row of name, some cells and age, as most are. */
export const simple =
  (middle: (object: KubeObject, now: number) => Cell[]): RowOf =>
  (object, now) => [object.metadata.name, ...middle(object, now), age(object, now)];

export function labels(map: Record<string, string> | undefined): string {
  const pairs = Object.entries(map ?? {}).map(([k, v]) => `${k}=${v}`);
  return pairs.length ? pairs.sort().join(',') : NONE;
}

export const selector = (s: LabelSelector | undefined): string => formatLabelSelector(s) || NONE;

/** Names and images of a template's containers. */
export function containers(podSpec: { containers?: { name: string; image?: string }[] } | undefined): [string, string] {
  const all = podSpec?.containers ?? [];
  return [all.map((c) => c.name).join(','), all.map((c) => c.image ?? '').join(',')];
}

/** The first three, and how many more; '<unset>' for none. */
export function firstThree(all: string[]): string {
  const text = all.slice(0, 3).join(',');
  if (all.length > 3) return `${text} + ${all.length - 3} more...`;
  return text || UNSET;
}

/** Addresses or host names of a load balancer. */
export function loadBalancer(status: { ingress?: { ip?: string; hostname?: string }[] } | undefined): string {
  const all = (status?.ingress ?? []).map((i) => i.ip || i.hostname || '').filter((text) => text !== '');
  return [...new Set(all)].sort().join(',');
}

export const conditionIsTrue = (conditions: { type: string; status: string }[] | undefined, type: string): boolean =>
  conditions?.find((c) => c.type === type)?.status === 'True';
