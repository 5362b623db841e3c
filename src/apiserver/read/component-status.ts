/** `componentstatuses`: asked of the components when somebody looks, never stored. Models pkg/registry/core/componentstatus/rest.go. */
import type { KubeObject } from '../../objects/object.ts';
import { notFound } from '../../objects/status.ts';
import { objectBody, respond } from '../answer/encode.ts';
import { listOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import type { Components } from '../storage/storage.ts';
import { respondObjects } from './list-body.ts';
import { selectorOf } from './selection.ts';

/** Where a component that does not run is asked in vain. */
const HEALTH_PORTS = { 'controller-manager': 10257, scheduler: 10259 };

function runs({ scheduler, controllers }: Components, name: string): boolean {
  if (name === 'scheduler') return scheduler;
  const isController = ([part, isOn]: [string, boolean]): boolean => isOn && part.endsWith('-controller');
  return name !== 'controller-manager' || Object.entries(controllers).some(isController);
}

function statuses(components: Components): KubeObject[] {
  return ['controller-manager', 'etcd-0', 'scheduler'].map((name) => {
    const port = HEALTH_PORTS[name as keyof typeof HEALTH_PORTS];
    const refused = `Get "https://127.0.0.1:${port}/healthz": dial tcp 127.0.0.1:${port}: connect: connection refused`;
    const healthy = runs(components, name);
    const condition = { type: 'Healthy', status: healthy ? 'True' : 'False', message: healthy ? 'ok' : refused };
    return { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] };
  });
}

export async function componentStatuses(exchange: Exchange): Promise<Response> {
  const { kind, name, accepted, query, config, storage, warnings } = exchange;
  const all = statuses(config.components);
  const { now } = await storage.read([]);
  if (name !== undefined) {
    const found = all.find((status) => status.metadata.name === name);
    if (!found) throw notFound({ group: '', resource: 'componentstatus' }, name);
    return respond(objectBody(kind, found, accepted, query, now), accepted, 200, warnings);
  }
  const selector = selectorOf(exchange, listOptions(query));
  const objects = all.filter((status) => selector.matches(status));
  return respondObjects(exchange, objects, now);
}
