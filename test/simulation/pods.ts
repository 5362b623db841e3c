/** What tests of pods have in common: making one, and looking at it and its events. */
import type { Sandbox } from './sandbox.ts';

const CORE = '/api/v1/namespaces/default';

export type Json = Record<string, any>;

export const pod = (name: string, spec: Json = {}, container: Json = {}, labels: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: { containers: [{ name: 'c', image: 'nginx', ...container }], ...spec },
});

/** Makes it and answers what it has become when nothing more happens at this instant. */
export async function make(sandbox: Sandbox, object: Json): Promise<Json> {
  await sandbox.request('POST', `${CORE}/pods`, object);
  sandbox.advance(0);
  return get(sandbox, object.metadata.name);
}

export const get = (sandbox: Sandbox, name: string): Promise<Json> => sandbox.request('GET', `${CORE}/pods/${name}`);

export async function remove(sandbox: Sandbox, name: string, options: Json = {}): Promise<Json> {
  await sandbox.request('DELETE', `${CORE}/pods/${name}`, options);
  sandbox.advance(0);
  return get(sandbox, name);
}

export async function eventsOf(sandbox: Sandbox, name: string, reason?: string): Promise<Json[]> {
  const { items } = await sandbox.request('GET', `${CORE}/events`);
  return items.filter((e: Json) => e.involvedObject.name === name && (!reason || e.reason === reason));
}

export const create = (sandbox: Sandbox, kind: string, resource: string, object: Json): Promise<Json> =>
  sandbox.request('POST', `${CORE}/${resource}`, { apiVersion: 'v1', kind, ...object });
