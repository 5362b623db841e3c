/**
 * What the real validation finds in odd objects, word for word and in its order. The expected answers were given by its own code
 * (k8s.io/kubernetes 1.37.2) for the same objects.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { openCluster } from './calls.ts';

const { call, close } = await openCluster();
afterAll(close);

const POD = { containers: [{ name: 'c', image: 'nginx:1.27' }] };
const NOT_QUALIFIED = 'name is neither a standard finalizer name nor is it fully qualified';
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const CORE = '/api/v1/namespaces/default';
const VOLUME = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };

/** No causes: accepted. */
const CASES: [what: string, path: string, object: any, causes: string[]][] = [
  [
    'a budget is asked for no more of its name than any object',
    '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    { metadata: { name: 'Upper', finalizers: ['a'] }, spec: {} },
    [],
  ],
  [
    'a budget whose name is no part of a path',
    '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    { metadata: { name: 'a/b' }, spec: {} },
    [`metadata.name: Invalid value: "a/b": may not contain '/'`],
  ],
  [
    'a lease may have any finalizer',
    '/apis/coordination.k8s.io/v1/namespaces/default/leases',
    { metadata: { name: 'l', finalizers: ['mine'] } },
    [],
  ],
  [
    'a config map may not',
    `${CORE}/configmaps`,
    { metadata: { name: 'c', finalizers: ['mine'] } },
    [`metadata.finalizers[0]: Invalid value: "mine": ${NOT_QUALIFIED}`],
  ],
  [
    "a replication controller's name is looked at last",
    `${CORE}/replicationcontrollers`,
    { metadata: { name: 'A' }, spec: { replicas: -1, template: { metadata: { labels: { a: 'b' } }, spec: POD } } },
    [
      `metadata.name: Invalid value: "A": ${SUBDOMAIN}`,
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a cron job without a schedule and with a long name',
    '/apis/batch/v1/namespaces/default/cronjobs',
    {
      metadata: { name: 'x'.repeat(53) },
      spec: { jobTemplate: { spec: { template: { spec: { ...POD, restartPolicy: 'Never' } } } } },
    },
    [
      `metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`,
      'spec.schedule: Required value',
    ],
  ],
  [
    'a volume with a flexVolume beside another',
    '/api/v1/persistentvolumes',
    { metadata: { name: 'v' }, spec: { ...VOLUME, hostPath: { path: '/x' }, flexVolume: {}, local: { path: '/x' } } },
    ['spec.flexVolume.driver: Required value', 'spec.local: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'an attachment with a volume of its own',
    '/apis/storage.k8s.io/v1/volumeattachments',
    {
      metadata: { name: 'v' },
      spec: { attacher: 'a', nodeName: 'n', source: { inlineVolumeSpec: { capacity: { storage: '1Gi' } } } },
    },
    [
      'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.accessModes: Required value',
      'spec.source.inlineVolumeSpec: Required value: must specify a volume type',
    ],
  ],
  [
    'a class with two empty topologies',
    '/apis/storage.k8s.io/v1/storageclasses',
    { metadata: { name: 's' }, provisioner: 'p', allowedTopologies: [{}] },
    ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
  ],
  [
    'a priority level with parts that do not go with its type',
    '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    {
      metadata: { name: 'p' },
      spec: { type: 'Other', exempt: {}, limited: { limitResponse: { type: 'Reject', queuing: {} } } },
    },
    [
      'spec.type: Unsupported value: "Other": supported values: "Exempt", "Limited"',
      'spec.exempt: Forbidden',
      'spec.limited: Forbidden',
      'spec.limited.limitResponse.queuing: Forbidden',
    ],
  ],
  [
    'a webhook whose service has no name',
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    {
      metadata: { name: 'w' },
      webhooks: [
        {
          name: 'w.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { service: { namespace: 'default' } },
        },
      ],
    },
    // The real server mixes the two up.
    ['webhooks[0].clientConfig.service.namespace: Required value'],
  ],
  [
    'an init container with rules and no policy',
    `${CORE}/pods`,
    {
      metadata: { name: 'p' },
      spec: {
        ...POD,
        initContainers: [{ name: 'i', image: 'x', lifecycle: {}, restartPolicyRules: [{ action: 'Other' }] }],
      },
    },
    [
      'spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
      'spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ],
  [
    'a node with two ranges that are none',
    '/api/v1/nodes',
    { metadata: { name: 'n' }, spec: { podCIDRs: ['x', '10.0.0.0/24'] } },
    [
      'spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[0]: <nil> (invalid CIDR address: x)',
      'spec.podCIDRs: Invalid value: ["x","10.0.0.0/24"]: may specify no more than one CIDR for each IP family',
    ],
  ],
];

it.each(CASES)('%s', async (_, path, object, causes) => {
  const { status, body } = await call('POST', path, object);
  expect((body.details?.causes ?? []).map((c: any) => `${c.field}: ${c.message}`)).toEqual(causes);
  expect(status).toBe(causes.length > 0 ? 422 : 201);
});

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const TEMPLATE = { metadata: { labels: { a: 'b' } }, spec: POD };
const SELECTOR = { matchLabels: { a: 'b' } };

const UPDATES: [what: string, path: string, object: any, change: (object: any) => void, causes: string[]][] = [
  [
    'a runtime class with another handler that is none',
    '/apis/node.k8s.io/v1/runtimeclasses',
    { handler: 'h' },
    (o) => {
      o.handler = 'A_b';
    },
    [`handler: Invalid value: "A_b": ${LABEL}`, 'handler: Invalid value: null: field is immutable'],
  ],
  [
    'a runtime class without its handler',
    '/apis/node.k8s.io/v1/runtimeclasses',
    { handler: 'h' },
    (o) => {
      o.handler = '';
    },
    ['handler: Invalid value: null: field is immutable', 'handler: Required value'],
  ],
  [
    'slices of another type',
    '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
    { addressType: 'IPv4', endpoints: [] },
    (o) => {
      o.addressType = 'Other';
    },
    [
      'addressType: Unsupported value: "Other": supported values: "FQDN", "IPv4", "IPv6"',
      'addressType: Invalid value: null: field is immutable',
    ],
  ],
  [
    'a binding to nothing, of nobody',
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
    { roleRef: { kind: 'Role', name: 'r', apiGroup: 'rbac.authorization.k8s.io' } },
    (o) => {
      o.roleRef.name = '';
      o.subjects = [{ kind: 'User' }];
    },
    [
      'roleRef.name: Required value',
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":""}: field is immutable',
      'subjects[0].name: Required value',
    ],
  ],
  [
    "what can't change of a stateful set is not looked at again",
    '/apis/apps/v1/namespaces/default/statefulsets',
    { spec: { serviceName: 's', selector: SELECTOR, template: TEMPLATE } },
    (o) => {
      o.spec.serviceName = 'A_b';
      o.spec.volumeClaimTemplates = [{ metadata: { name: 'v' } }];
    },
    [
      'spec.volumeClaimTemplates: Invalid value: [{"name":"v","Spec":{"AccessModes":null,"Selector":null,"Resources":{"Limits":null,"Requests":null},"VolumeName":"","StorageClassName":null,"VolumeMode":"Filesystem","DataSource":null,"DataSourceRef":null,"VolumeAttributesClassName":null},"Status":{"Phase":"Pending","AccessModes":null,"Capacity":null,"Conditions":null,"AllocatedResources":null,"AllocatedResourceStatuses":null,"CurrentVolumeAttributesClassName":null,"ModifyVolumeStatus":null,"HealthStatus":null}}]: field is immutable',
      'spec.serviceName: Invalid value: "A_b": field is immutable',
    ],
  ],
  [
    'an ingress class without its controller',
    '/apis/networking.k8s.io/v1/ingressclasses',
    { spec: { controller: 'example.com/c' } },
    (o) => {
      o.spec.controller = '';
    },
    ['spec.controller: Invalid value: "": field is immutable', 'spec.controller: Required value'],
  ],
  [
    'a node with a range that is none',
    '/api/v1/nodes',
    {},
    (o) => {
      o.spec.podCIDRs = ['x'];
    },
    ['spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
  ],
];

it.each(UPDATES)('on update: %s', async (what, path, object, change, causes) => {
  const name = `u${UPDATES.findIndex(([other]) => other === what)}`;
  const { body: made } = await call('POST', path, { metadata: { name }, ...object });
  change(made);
  const { status, body } = await call('PUT', `${path}/${name}`, made);
  expect((body.details?.causes ?? []).map((c: any) => `${c.field}: ${c.message}`)).toEqual(causes);
  expect(status).toBe(422);
});

describe('a status', () => {
  it.each([
    [
      '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
      { spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } },
      undefined,
    ],
    [
      '/apis/storage.k8s.io/v1/volumeattachments',
      { spec: { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
      undefined,
    ],
    ['/apis/policy/v1/namespaces/default/poddisruptionbudgets', { spec: {} }, { a: 'b' }],
  ])('of %s comes with labels', async (path, object, labels) => {
    const { body: made } = await call('POST', path, { metadata: { name: 'labelled' }, ...object });
    made.metadata.labels = { a: 'b' };
    const { status, body } = await call('PUT', `${path}/labelled/status`, made);
    expect(status).toBe(200);
    expect(body.metadata.labels).toEqual(labels);
  });

  it('of a budget has conditions like others', async () => {
    const path = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    const { body: made } = await call('POST', path, { metadata: { name: 'odd' }, spec: {} });
    made.status.conditions = [{ type: 'A', status: 'Maybe', reason: '', message: '', lastTransitionTime: null }];
    const { body } = await call('PUT', `${path}/odd/status`, made);
    expect(body.details.causes.map((c: any) => `${c.field}: ${c.message}`)).toEqual([
      'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      'status.conditions[0].lastTransitionTime: Required value',
      'status.conditions[0].reason: Required value',
    ]);
  });

  it('of a claim allocates storage and nothing else of the known resources', async () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const path = `${CORE}/persistentvolumeclaims`;
    const { body: made } = await call('POST', path, { metadata: { name: 'odd' }, spec });
    made.status.allocatedResources = { cpu: '1' };
    const { body } = await call('PUT', `${path}/odd/status`, made);
    expect(body.details.causes.map((c: any) => `${c.field}: ${c.message}`)).toEqual([
      'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    ]);
  });
});

it('a pod that is replaced by one without a spec', async () => {
  const { body: made } = await call('POST', `${CORE}/pods`, { metadata: { name: 'emptied' }, spec: POD });
  const { status, body } = await call('PUT', `${CORE}/pods/emptied`, { ...made, spec: undefined });
  expect(status).toBe(422);
  expect(body.details.causes[0]).toEqual({
    reason: 'FieldValueRequired',
    message: 'Required value',
    field: 'spec.containers',
  });
});

describe('what is kept of an object', () => {
  it('a limit range without a name gets one', async () => {
    const { body } = await call('POST', `${CORE}/limitranges`, { spec: { limits: [] } });
    expect(body.metadata.name).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  it("a service account keeps its secrets' names", async () => {
    const secrets = [{ name: 's', namespace: 'other', kind: 'Secret' }];
    const { body } = await call('POST', `${CORE}/serviceaccounts`, { metadata: { name: 's' }, secrets });
    expect(body.secrets).toEqual([{ name: 's' }]);
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['localhost:5000/a/b', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
    // What can't be read has no tag.
    ['*', 'IfNotPresent'],
    ['-x', 'IfNotPresent'],
    ['Nginx', 'IfNotPresent'],
    ['a'.repeat(64), 'IfNotPresent'],
  ])('the image %s is pulled %s', async (image, policy) => {
    const object = { metadata: { generateName: 'p-' }, spec: { containers: [{ name: 'c', image }] } };
    const { body } = await call('POST', `${CORE}/pods?dryRun=All`, object);
    expect(body.spec.containers[0].imagePullPolicy).toBe(policy);
  });
});
