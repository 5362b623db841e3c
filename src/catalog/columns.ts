/** The tables that `kubectl get` shows: columns and rows of every built-in kind, wide ones included. */

import type { KubeObject } from '../objects/object.ts';
import { byPrecedence, CONTROL_ROWS } from './columns/control.ts';
import { CORE_ROWS } from './columns/core.ts';
import { COMMON, DESCRIPTIONS } from './columns/descriptions.ts';
import { defaultStorageClass, INFRASTRUCTURE_ROWS } from './columns/infrastructure.ts';
import type { Row, RowOf } from './columns/row.ts';
import { WORKLOAD_ROWS } from './columns/workloads.ts';
import { COLUMNS } from './generated/columns.gen.ts';
import type { Kind } from './kinds.ts';

export interface Column {
  name: string;
  type: string;
  format: string;
  description: string;
  /** 1: only shown by `-o wide`. */
  priority: number;
}

/** The documentation of a field, e.g. of `podIP` in `core.v1.PodStatus`; '' if there is none. */
export type Prose = (type: string, field: string) => string;

type Named = Pick<Kind, 'group' | 'resource'>;

const nameOf = (kind: Named): string => (kind.group ? `${kind.resource}.${kind.group}` : kind.resource);

const ROWS: Readonly<Record<string, RowOf>> = {
  ...CORE_ROWS,
  ...WORKLOAD_ROWS,
  ...INFRASTRUCTURE_ROWS,
  ...CONTROL_ROWS,
};

/** What kinds without columns of their own show, custom resources among them but for their own printer columns. */
const GENERIC_COLUMNS: readonly (readonly [string, string, string, number])[] = [
  ['Name', 'string', 'name', 0],
  ['Created At', 'date', '', 0],
];
const genericRow: RowOf = (o) => [o.metadata.name, o.metadata.creationTimestamp ?? ''];

export function columnsFor(kind: Named, prose: Prose): Column[] {
  const resource = nameOf(kind);
  // Both kinds of events are printed as core ones.
  const sources = DESCRIPTIONS[resource === 'events.events.k8s.io' ? 'events' : resource];
  return (COLUMNS[resource] ?? GENERIC_COLUMNS).map(([name, type, format, priority]) => ({
    name,
    type,
    format,
    description: describe(sources?.[name] ?? COMMON[name] ?? '=', prose),
    priority,
  }));
}

function describe(source: string, prose: Prose): string {
  if (source.startsWith('=')) return source.slice(1);
  const [field = '', shorter] = source.split('|');
  const dot = field.lastIndexOf('.');
  const text = prose(field.slice(0, dot), field.slice(dot + 1));
  return shorter ? text.replace(/ [^.]*\.$/, '') : text;
}

/** The row of one object, in its stored version (events as core/v1, autoscalers as v2). `now`: milliseconds. */
export function rowFor(kind: Named, object: KubeObject, now: number): Row {
  const row = (ROWS[nameOf(kind)] ?? genericRow)(object, now);
  return Array.isArray(row) ? { cells: row } : row;
}

/** The rows of a list: a few kinds order or mark them by what else is there. */
export function rowsFor(kind: Named, objects: readonly KubeObject[], now: number): (Row & { object: KubeObject })[] {
  const resource = nameOf(kind);
  const ordered = resource === 'flowschemas.flowcontrol.apiserver.k8s.io' ? [...objects].sort(byPrecedence) : objects;
  const rows = ordered.map((object) => ({ ...rowFor(kind, object, now), object }));
  if (resource !== 'storageclasses.storage.k8s.io') return rows;
  const chosen = defaultStorageClass(objects);
  for (const row of rows) if (row.object.metadata.name === chosen) row.cells[0] = `${chosen} (default)`;
  return rows;
}
