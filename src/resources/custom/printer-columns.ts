/** The table of custom resources: the columns of their definition. models k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor */

import { humanDuration } from '../../catalog/columns/duration.ts';
import type { Cell } from '../../catalog/columns/row.ts';
import type { Column, Prose, Table } from '../../catalog/columns.ts';
import type { CustomResourceColumnDefinition } from '../../objects/generated/apiextensions-v1.gen.ts';
import { goJSON } from '../../objects/go-quote.ts';
import { findByPath, type JSONPath, parseJSONPath } from './json-path.ts';

const META = 'meta.v1.ObjectMeta';

interface Printed {
  definition: CustomResourceColumnDefinition;
  path: JSONPath;
}

const AGE: CustomResourceColumnDefinition = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** Where one of the columns cannot be read, only those before it are shown. */
export function customTable(definitions: readonly CustomResourceColumnDefinition[] | undefined): Table {
  const own = definitions?.length ? definitions : [AGE];
  const printed: Printed[] = [];
  for (const definition of own) {
    const path = parseJSONPath(definition.jsonPath);
    if (!path) break;
    printed.push({ definition, path });
  }
  return {
    columns: (prose) => [
      { name: 'Name', type: 'string', format: 'name', description: prose(META, 'name'), priority: 0 },
      ...printed.map(({ definition }) => columnOf(definition, prose)),
    ],
    rows: (objects, now) =>
      objects.map((object) => ({
        cells: [object.metadata.name, ...printed.map((column) => cellOf(column, object, now))],
        object,
      })),
  };
}

function columnOf(definition: CustomResourceColumnDefinition, prose: Prose): Column {
  const { name, type, format = '', priority = 0, jsonPath } = definition;
  const description =
    definition === AGE
      ? prose(META, 'creationTimestamp')
      : definition.description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format, description, priority };
}

function cellOf({ definition, path }: Printed, object: unknown, now: number): Cell {
  const [value] = findByPath(path, object);
  if (value === undefined) return null;
  if (definition.type === 'string') return textOf(value);
  if (value === null) return null;
  switch (definition.type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, now) : null;
    default:
      return null;
  }
}

const textOf = (value: unknown): string =>
  value === null ? '<nil>' : typeof value === 'object' ? goJSON(value) : String(value);

function ageOf(time: string, now: number): string {
  if (time === '') return '<unknown>';
  const at = Date.parse(time);
  return Number.isNaN(at) ? '<invalid>' : humanDuration(now - at);
}
