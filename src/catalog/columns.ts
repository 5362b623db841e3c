/** The tables that `kubectl get` shows: columns and rows of every built-in kind, wide ones included. */

import type { KubeObject } from '../objects/object.ts';
import { byPrecedence, CONTROL_ROWS } from './columns/control.ts';
import { CORE_ROWS } from './columns/core.ts';
import { COMMON, DESCRIPTIONS } from './columns/descriptions.ts';
import { defaultStorageClass, INFRASTRUCTURE_ROWS } from './columns/infrastructure.ts';
import type { Row, RowOf } from './columns/row.ts';
import { WORKLOAD_ROWS } from './columns/workloads.ts';
import { COLUMNS } from './generated/columns.gen.ts';

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

const ROWS: Readonly<Record<string, RowOf>> = {
  ...CORE_ROWS,
  ...WORKLOAD_ROWS,
  ...INFRASTRUCTURE_ROWS,
  ...CONTROL_ROWS,
};

/** What `kubectl get` shows of a kind. */
export interface Table {
  columns(prose: Prose): Column[];
  /** The rows of a list, of objects in their stored version (events as core/v1, autoscalers as v2). `now`: milliseconds. */
  rows(objects: readonly KubeObject[], now: number): (Row & { object: KubeObject })[];
}

type ColumnSource = readonly [name: string, type: string, format: string, priority: number];

/** What kinds without columns of their own show, custom resources among them but for their own printer columns. */
const GENERIC_COLUMNS: readonly ColumnSource[] = [
  ['Name', 'string', 'name', 0],
  ['Created At', 'date', '', 0],
];
const genericRow: RowOf = (o) => [o.metadata.name, o.metadata.creationTimestamp ?? ''];

function columnsOf(
  columns: readonly ColumnSource[],
  sources: Readonly<Record<string, string>> | undefined,
  prose: Prose,
): Column[] {
  return columns.map(([name, type, format, priority]) => ({
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

/** One row each, in the list's order. */
function rowsBy(rowOf: RowOf, objects: readonly KubeObject[], now: number): (Row & { object: KubeObject })[] {
  return objects.map((object) => {
    const row = rowOf(object, now);
    return { ...(Array.isArray(row) ? { cells: row } : row), object };
  });
}

export const GENERIC_TABLE: Table = {
  columns: (prose) => columnsOf(GENERIC_COLUMNS, undefined, prose),
  rows: (objects, now) => rowsBy(genericRow, objects, now),
};

/** The table of a built-in kind, by its name: `pods`, `deployments.apps`. */
export function builtInTable(name: string): Table {
  const columns = COLUMNS[name] ?? GENERIC_COLUMNS;
  // Both kinds of events are printed as core ones.
  const sources = DESCRIPTIONS[name === 'events.events.k8s.io' ? 'events' : name];
  const rowOf = ROWS[name] ?? genericRow;
  const arrange = ARRANGED[name];
  return {
    columns: (prose) => columnsOf(columns, sources, prose),
    rows: (objects, now) => (arrange ?? rowsBy)(rowOf, objects, now),
  };
}

/** A few kinds order or mark the rows of a list by what else is there. */
const ARRANGED: Readonly<Record<string, typeof rowsBy>> = {
  'flowschemas.flowcontrol.apiserver.k8s.io': (rowOf, objects, now) =>
    rowsBy(rowOf, [...objects].sort(byPrecedence), now),
  'storageclasses.storage.k8s.io'(rowOf, objects, now) {
    const rows = rowsBy(rowOf, objects, now);
    const chosen = defaultStorageClass(objects);
    for (const row of rows) if (row.object.metadata.name === chosen) row.cells[0] = `${chosen} (default)`;
    return rows;
  },
};
