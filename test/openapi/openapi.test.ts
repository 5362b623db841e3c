/** What is served is compared with what a real API server of the same version serves. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openapi } from '../../src/apiserver/openapi/handler.ts';
import type { Prose } from '../../src/apiserver/openapi/prose.ts';
import { document, documentNames } from '../../src/apiserver/openapi/v3.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import type { LooseObject } from '../loose-object.ts';

const capture = (name: string): any =>
  JSON.parse(readFileSync(new URL(`../../scripts/capture/${name}`, import.meta.url), 'utf8'));

const SCHEMAS: Record<string, any> = capture('openapi-schemas.json');
const PATHS: Record<string, any> = capture('openapi-paths.json');
const VERSION = 'v1.37.2';
const PROSE: Prose = JSON.parse(readFileSync(new URL('../../assets/prose.json', import.meta.url), 'utf8'));

function withoutProse({ description: _, ...schema }: any): any {
  const properties = Object.entries(schema.properties ?? {}).map(([name, { description: __, ...p }]: any) => [name, p]);
  return { ...schema, ...(schema.properties && { properties: Object.fromEntries(properties) }) };
}

async function fetchPath(path: string, accept = 'application/json'): Promise<Response> {
  const request = new Request(`http://x${path}`, { headers: { accept } });
  return (await openapi(request, new URL(request.url), {
    catalog: BUILT_IN,
    version: VERSION,
    prose: async () => PROSE,
  }))!;
}

describe('OpenAPI 3', () => {
  it.each([...documentNames(BUILT_IN)])('%s has the real schemas and operations', (name) => {
    const { components, paths }: LooseObject = document(BUILT_IN, name, VERSION, PROSE)!;
    for (const [schema, object] of Object.entries(components.schemas)) {
      expect(withoutProse(object), schema).toEqual(SCHEMAS[schema]);
    }
    for (const [path, item] of Object.entries<any>(paths)) {
      for (const method of ['get', 'put', 'post', 'patch', 'delete']) {
        const real = PATHS[path]?.[method];
        const ours = item[method];
        expect(ours?.operationId, `${method} ${path}`).toBe(real?.operationId);
        expect(ours?.['x-kubernetes-group-version-kind'] ?? null).toEqual(real?.gvk ?? null);
      }
    }
  });

  it('has the documents of the real index', () => {
    expect([...documentNames(BUILT_IN)]).toEqual(capture('openapi-v3-index.json'));
  });

  it('is served at the address that the index gives, to be kept', async () => {
    const index: any = await (await fetchPath('/openapi/v3')).json();
    const url = index.paths['apis/apps/v1'].serverRelativeURL;
    const answer = await fetchPath(url);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(((await answer.json()) as any).info.title).toBe('Kubernetes');
    expect((await fetchPath(url.replace(/hash=.*/, 'hash=0'))).status).toBe(301);
  });
});

describe('OpenAPI 2', () => {
  it('is JSON, or Protobuf for those who ask', async () => {
    const json: any = await (await fetchPath('/openapi/v2')).json();
    expect(json.definitions['io.k8s.api.core.v1.PodSpec'].properties.containers['x-kubernetes-patch-merge-key']).toBe(
      'name',
    );
    const type = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    const answer = await fetchPath('/openapi/v2', type);
    expect(answer.headers.get('content-type')).toBe(type.replace('@', '.'));
    expect(new TextDecoder().decode((await answer.arrayBuffer()).slice(0, 5))).toBe('\n\x032.0');
  });
});
