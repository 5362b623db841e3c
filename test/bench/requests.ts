/** The requests that are measured, whoever is asked: a server, one under the profiler, or the API in this process. */

export const REQUESTS = [
  'create ConfigMap',
  'get',
  'merge patch',
  'server-side apply',
  'list of 500',
  'delete',
] as const;
export type RequestKind = (typeof REQUESTS)[number];

export interface Asked {
  method: string;
  path: string;
  body?: unknown;
  /** Of the body; JSON unless said. */
  type?: string;
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const LISTED = 500;
const APPLIED = 50;

/** What must have been made before any of them. */
export const PREPARED: readonly Asked[] = Array.from({ length: LISTED }, (_, i) => ({
  method: 'POST',
  path: CONFIG_MAPS,
  body: { metadata: { name: `l${i}` }, data: { k: 'v'.repeat(50) } },
}));

/** The `i`th of a series: what one has created, its deletions delete. */
export function requestOf(kind: RequestKind, series: string, i: number): Asked {
  const name = `${series}-${i}`;
  switch (kind) {
    case 'create ConfigMap':
      return { method: 'POST', path: CONFIG_MAPS, body: { metadata: { name }, data: { k: 'v' } } };
    case 'get':
      return { method: 'GET', path: `${CONFIG_MAPS}/l${i % LISTED}` };
    case 'merge patch':
      return {
        method: 'PATCH',
        path: `${CONFIG_MAPS}/l${i % LISTED}`,
        body: { data: { k: name } },
        type: 'application/merge-patch+json',
      };
    case 'server-side apply': {
      const metadata = { name: `applied-${i % APPLIED}` };
      return {
        method: 'PATCH',
        path: `${CONFIG_MAPS}/${metadata.name}?fieldManager=bench&force=true`,
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { k: name } },
        type: 'application/apply-patch+yaml',
      };
    }
    case 'list of 500':
      return { method: 'GET', path: `${CONFIG_MAPS}?limit=${LISTED}` };
    case 'delete':
      return { method: 'DELETE', path: `${CONFIG_MAPS}/${name}` };
    default:
      return kind satisfies never;
  }
}
