/** The documents that are served, as files for generators. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../sandbox.ts';

interface Swagger {
  paths: Record<string, unknown>;
  definitions: Record<string, unknown>;
}

/**
 * The part of an OpenAPI 2 document that is about some paths, with all that these refer to. The whole of Kubernetes' takes generators and
 * compilers minutes, and says the same of each group.
 */
export function partOf(document: Swagger, prefix: string): Swagger {
  const paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => path.startsWith(prefix)));
  const definitions: Record<string, unknown> = {};
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { $ref } = value as { $ref?: unknown };
    const name = typeof $ref === 'string' ? /^#\/definitions\/(.+)$/.exec($ref)?.[1] : undefined;
    if (name !== undefined && !(name in definitions)) {
      definitions[name] = document.definitions[name];
      collect(definitions[name]);
    }
    for (const inner of Object.values(value)) collect(inner);
  };
  collect(paths);
  return { ...document, paths, definitions };
}

/** Writes them into a folder: the platform's, a cluster's `core` and `apps` in OpenAPI 3, and `v2`. @returns a path by name. */
export async function writeDocuments({ server, createCluster }: Sandbox, folder: string) {
  const cluster = await createCluster({ profile: 'api' });
  const load = async (url: string): Promise<unknown> => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${cluster.token}` } });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    return answer.json();
  };
  const documents = {
    diorama: await load(`${server.url}/v1/openapi.json`),
    core: await load(`${cluster.server}/openapi/v3/api/v1`),
    apps: await load(`${cluster.server}/openapi/v3/apis/apps/v1`),
    v2: partOf(
      (await load(`${cluster.server}/openapi/v2`)) as Swagger,
      '/apis/apps/v1/namespaces/{namespace}/deployments',
    ),
  };
  const pathOf = (name: keyof typeof documents): string => join(folder, `${name}.json`);
  for (const [name, document] of Object.entries(documents))
    await writeFile(pathOf(name as keyof typeof documents), JSON.stringify(document));
  return pathOf;
}
