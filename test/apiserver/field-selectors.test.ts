/** The fields by which each kind can be selected. Source: the field label conversions of k8s.io/kubernetes/pkg/apis. */
import { afterAll, expect, it } from 'vitest';
import { openCluster } from './calls.ts';

const { call, close } = await openCluster();
afterAll(close);

const select = (path: string, selector: string) => call('GET', `${path}?fieldSelector=${encodeURIComponent(selector)}`);

const CORE_EVENTS = '/api/v1/events';
const EVENTS = '/apis/events.k8s.io/v1/events';

it.each([
  ['/api/v1/pods', ['spec.nodeName', 'spec.host', 'spec.hostNetwork', 'status.podIP', 'status.podIPs']],
  ['/api/v1/replicationcontrollers', ['status.replicas']],
  ['/apis/batch/v1/jobs', ['status.successful']],
  ['/apis/resource.k8s.io/v1/resourceslices', ['spec.nodeName', 'spec.driver', 'spec.pool.name']],
  [CORE_EVENTS, ['involvedObject.name', 'reason', 'reportingComponent', 'source', 'type']],
  [EVENTS, ['regarding.name', 'reason', 'reportingController', 'type']],
])('%s takes %j', async (path, fields) => {
  for (const field of [...fields, 'metadata.name']) expect((await select(path, `${field}=x`)).status, field).toBe(200);
});

const UNKNOWN = (field: string): string =>
  `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;

it.each([
  ['/apis/apps/v1/replicasets', 'status.replicas', UNKNOWN('status.replicas')],
  ['/apis/apps/v1/deployments', 'status.replicas', UNKNOWN('status.replicas')],
  ['/api/v1/persistentvolumes', 'name', UNKNOWN('name')],
  ['/api/v1/persistentvolumeclaims', 'name', UNKNOWN('name')],
  ['/api/v1/configmaps', 'constructor', UNKNOWN('constructor')],
  ['/api/v1/nodes', 'metadata.namespace', 'field label not supported: metadata.namespace'],
  ['/api/v1/namespaces', 'metadata.namespace', 'field label not supported: metadata.namespace'],
  [EVENTS, 'involvedObject.name', 'field label not supported: involvedObject.name'],
  [EVENTS, 'reportingComponent', 'field label not supported: reportingComponent'],
  [CORE_EVENTS, 'regarding.name', 'field label not supported: regarding.name'],
  ['/apis/batch/v1/jobs', 'status.active', 'field label "status.active" not supported for Job'],
])('%s does not take %s', async (path, field, message) => {
  const { status, body } = await select(path, `${field}=0`);
  expect([status, body.message]).toEqual([400, message]);
});

it('an event is found by the names of either group', async () => {
  await call('POST', '/api/v1/namespaces/default/events', {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
    reason: 'Because',
    reportingComponent: 'me',
  });
  for (const [path, selector] of [
    [CORE_EVENTS, 'involvedObject.name=p,reportingComponent=me,source=me'],
    [EVENTS, 'regarding.name=p,reportingController=me,reason=Because'],
  ] as const)
    expect((await select(path, selector)).body.items).toHaveLength(1);
  expect((await select(EVENTS, 'reason=Otherwise')).body.items).toEqual([]);
});
