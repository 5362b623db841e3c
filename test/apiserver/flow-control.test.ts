/** What clients are told of flow control: by which schema a request was counted, and at which level. */
import { expect, it } from 'vitest';
import { ADMIN, type Identity } from '../../src/apiserver/identity/authentication.ts';
import { createApiServer } from '../../src/apiserver/server.ts';
import { Flows, MAX_FLOW_BYTES } from '../../src/cluster/flows.ts';
import { storeStorage } from '../../src/etcd/local-storage.ts';
import { componentsOf } from '../../src/platform/clusters/components.ts';
import { createSandbox, type Sandbox } from '../simulation/sandbox.ts';

const SCHEMAS = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas';
const LEVELS = '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations';

/** The names of the schema and the level that an answer tells of. */
async function told(sandbox: Sandbox, flows: Flows, path: string, who: Identity): Promise<string[]> {
  const config = {
    id: 'sandbox',
    seed: 'sandbox',
    serviceCIDR: '10.96.0.0/16',
    podCIDR: '10.244.0.0/16',
    nodePortRange: [30000, 32767] as [number, number],
    components: componentsOf('full'),
  };
  const storage = storeStorage(sandbox.cluster.store, { now: () => 0, catalog: () => sandbox.cluster.catalog });
  const server = createApiServer({ storage, config, flows: flows.current });
  const { headers } = await server.handle(new Request(`http://cluster${path}`), who);
  const nameOf = async (list: string, uid: string | null): Promise<string> => {
    const { items } = await sandbox.request('GET', list);
    return items.find(({ metadata }: any) => metadata.uid === uid)?.metadata.name;
  };
  return [
    await nameOf(SCHEMAS, headers.get('x-kubernetes-pf-flowschema-uid')),
    await nameOf(LEVELS, headers.get('x-kubernetes-pf-prioritylevel-uid')),
  ];
}

const user = (name: string, ...groups: string[]): Identity => ({
  user: name,
  groups: [...groups, 'system:authenticated'],
});

it.each([
  ['/api/v1/pods', ADMIN, 'exempt', 'exempt'],
  ['/healthz', user('ann'), 'probes', 'exempt'],
  ['/api/v1/pods', user('ann'), 'global-default', 'global-default'],
  ['/api/v1/nodes', user('system:node:node-1', 'system:nodes'), 'system-node-high', 'node-high'],
  ['/api/v1/pods', user('system:kube-scheduler'), 'kube-scheduler', 'workload-high'],
  ['/nothing', { user: 'system:anonymous', groups: ['system:unauthenticated'] }, 'global-default', 'global-default'],
] as [string, Identity, string, string][])('%s is counted by who asks: %j', async (path, who, schema, level) => {
  const sandbox = createSandbox(1);
  expect(await told(sandbox, new Flows(sandbox.cluster.store), path, who)).toEqual([schema, level]);
});

it('follows what the cluster has', async () => {
  const sandbox = createSandbox(1);
  const flows = new Flows(sandbox.cluster.store);
  const subjects = [{ kind: 'User', user: { name: 'ann' } }];
  const resourceRules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }];
  const own = (name: string, rules: object[]) => ({
    metadata: { name },
    spec: { matchingPrecedence: 100, priorityLevelConfiguration: { name: 'workload-low' }, rules },
  });
  await sandbox.request('POST', SCHEMAS, own('anns', [{ subjects, resourceRules }]));
  expect(await told(sandbox, flows, '/api/v1/pods', user('ann'))).toEqual(['anns', 'workload-low']);
  await sandbox.request('DELETE', `${SCHEMAS}/anns`);
  expect(await told(sandbox, flows, '/api/v1/pods', user('ann'))).toEqual(['global-default', 'global-default']);
  const long = (characters: number) => [
    { subjects: [{ kind: 'User', user: { name: 'x'.repeat(characters) } }], resourceRules },
  ];
  const room = MAX_FLOW_BYTES - JSON.stringify(flows.current).length;
  await sandbox.request('POST', SCHEMAS, own('long', long(room - 1000)));
  expect(flows.current.length).toBeGreaterThan(0);
  await sandbox.request('POST', SCHEMAS, own('longer', long(1000)));
  expect(flows.current).toEqual([]);
});
