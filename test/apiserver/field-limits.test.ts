/** The limits of kinds' fields: at a limit an object is taken, one beyond it is refused with what the real API server says, and not stored. */
import { expect, it } from 'vitest';
import { ANNOTATIONS_MAX_BYTES, MANAGER_MAX_BYTES, SUBRESOURCE_MAX_BYTES } from '../../src/catalog/metadata.ts';
import { MESSAGE_MAX_BYTES, REASON_MAX_BYTES } from '../../src/objects/condition-validation.ts';
import { WHOLE_OBJECT } from '../../src/objects/field-error.ts';
import {
  AUDIT_ANNOTATIONS_MAX,
  AUDIT_EXPRESSION_MAX_BYTES,
} from '../../src/resources/admissionregistration/admission-policy.ts';
import { CONDITIONS_MAX } from '../../src/resources/admissionregistration/admission-rules.ts';
import { TIMEOUT_SECONDS_MAX } from '../../src/resources/admissionregistration/webhooks.ts';
import { GROUP_PRIORITY_MAX, VERSION_PRIORITY_MAX } from '../../src/resources/apiregistration/api-service.ts';
import { PERIOD_MAX, WINDOW_MAX } from '../../src/resources/autoscaling/horizontal-pod-autoscaler.ts';
import { NAME_MAX as CRON_JOB_NAME_MAX } from '../../src/resources/batch/cron-job.ts';
import { HIGH_MAX, INDEXED_MAX } from '../../src/resources/batch/job.ts';
import { EXPIRATION_SECONDS_MIN } from '../../src/resources/certificates/certificate-signing-request.ts';
import { MAX_DOMAIN, MAX_SIGNER_NAME } from '../../src/resources/certificates/signer-name.ts';
import { CLIENT, inSpec } from '../../src/resources/certificates/x509/test-requests.ts';
import { SIZE_MAX } from '../../src/resources/core/data-keys.ts';
import { NOTE_MAX } from '../../src/resources/core/event.ts';
import { EXIT_CODES_MAX, RESTART_RULES_MAX } from '../../src/resources/core/pod/containers.ts';
import { INT32_MAX } from '../../src/resources/core/pod/validation.ts';
import { AFFINITY_SECONDS_MAX } from '../../src/resources/core/service/validation.ts';
import { ADDRESSES_MAX, ENDPOINTS_MAX, HINTS_MAX, PORTS_MAX } from '../../src/resources/discovery/endpoint-slice.ts';
import { PRECEDENCE_MAX } from '../../src/resources/flowcontrol/flow-schema.ts';
import { QUEUES_MAX } from '../../src/resources/flowcontrol/priority-level-configuration.ts';
import { CONTROLLER_MAX_BYTES } from '../../src/resources/networking/ingress-class.ts';
import {
  EXPRESSION_MAX_BYTES,
  REQUESTS_MAX,
  SELECTORS_MAX,
  SUBREQUESTS_MAX,
} from '../../src/resources/resource/device-claims.ts';
import {
  DEVICES_MAX,
  DEVICES_MAX_ADVANCED,
  POOL_NAME_MAX,
  DRIVER_NAME_MAX as SLICE_DRIVER_NAME_MAX,
  TRAITS_MAX,
} from '../../src/resources/resource/device-slices.ts';
import { USER_PRIORITY_MAX } from '../../src/resources/scheduling/priority-class.ts';
import { TOKEN_SECONDS_MIN } from '../../src/resources/storage/csi-driver.ts';
import { NODE_ID_MAX } from '../../src/resources/storage/csi-node.ts';
import { DRIVER_NAME_MAX } from '../../src/resources/storage/driver-name.ts';
import { PARAMETERS_MAX, PARAMETERS_MAX_BYTES } from '../../src/resources/storage/parameters.ts';
import {
  DRIVER_NAME_MAX as ATTACHER_NAME_MAX,
  ERROR_MESSAGE_MAX_BYTES,
} from '../../src/resources/storage/volume-attachment.ts';
import { createSandbox } from '../simulation/sandbox.ts';

const sandbox = createSandbox(0);
const CORE = '/api/v1/namespaces/default';
const namespaced = (group: string, resource: string): string => `/apis/${group}/namespaces/default/${resource}`;

type Body = Record<string, unknown>;

interface Limit {
  /** What is refused, as it stands in the answer. */
  field: string;
  limit: number;
  path: string;
  /** An object with so much of it. */
  body(size: number): Body;
  /** What is said of one beyond. */
  says: string;
  /** The limit is the least there may be. */
  least?: boolean;
}

const list = <T>(size: number, item: (i: number) => T): T[] => Array.from({ length: size }, (_, i) => item(i));
const map = <T>(size: number, value: (i: number) => T): Record<string, T> =>
  Object.fromEntries(list(size, (i) => [`k${i}`, value(i)]));
const text = (size: number): string => 'x'.repeat(size);
/** A subdomain of so many characters, in labels that are short enough. */
const domain = (size: number): string => {
  const whole = `${'a'.repeat(49)}.`.repeat(Math.ceil(size / 50)).slice(0, size);
  return whole.endsWith('.') ? `${whole.slice(0, -1)}a` : whole;
};
const atMost = (size: number, limit: number): string => `Too many: ${size}: must have at most ${limit} items`;
const bytes = (limit: number): string => `Too long: may not be more than ${limit} bytes`;
const over = (limit: number, kind: (says: string) => Limit): Limit => kind(atMost(limit + 1, limit));

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const webhooks = (hook: Body): Body => ({
  webhooks: [
    {
      name: 'a.example.com',
      clientConfig: { url: 'https://example.com' },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      ...hook,
    },
  ],
});
const policy = (spec: Body): Body => ({
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
    ...spec,
  },
});
const apiService = (spec: Body): Body => ({
  metadata: { name: 'v1.example.com' },
  spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, ...spec },
});
const scaleUp = (rules: Body): Body => ({
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
    maxReplicas: 1,
    behavior: { scaleUp: rules },
  },
});
const container = { name: 'c', image: 'i' };
const job = (spec: Body): Body => ({
  spec: {
    completionMode: 'Indexed',
    completions: 1,
    parallelism: 1,
    template: { spec: { restartPolicy: 'Never', containers: [container] } },
    ...spec,
  },
});
const signing = (spec: Body): Body => ({
  spec: {
    request: inSpec(CLIENT),
    signerName: 'example.com/signer',
    usages: ['client auth'],
    ...spec,
  },
});
const slice = (endpoint: Body): Body => ({
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'], ...endpoint }],
  ports: [],
});
const ip = (i: number): string => `10.1.${Math.floor(i / 250)}.${1 + (i % 250)}`;
const claim = (devices: Body): Body => ({ spec: { devices } });
const selectors = (list: unknown[]): Body =>
  claim({ requests: [{ name: 'r', exactly: { deviceClassName: 'c', selectors: list } }] });
const RESOURCE = '/apis/resource.k8s.io/v1';
const CLAIMS = namespaced('resource.k8s.io/v1', 'resourceclaims');
const resourceSlice = (spec: Body): Body => ({
  spec: { driver: 'd.example.com', nodeName: 'n', pool: { name: 'p', resourceSliceCount: 1 }, devices: [], ...spec },
});
const restarts = (rules: unknown[]): Body => ({
  spec: { restartPolicy: 'Never', containers: [{ ...container, restartPolicy: 'Never', restartPolicyRules: rules }] },
});
const exits = (values: number[]): Body => ({ action: 'Restart', exitCodes: { operator: 'In', values } });
const service = (spec: Body): Body => ({ spec: { ports: [{ port: 80 }], ...spec } });
const STORAGE = '/apis/storage.k8s.io/v1';
const driver = (spec: Body): Body => ({ spec });
const storageClass = (parameters: Body): Body => ({ provisioner: 'example.com/p', parameters });

const LIMITS: Limit[] = [
  {
    field: 'webhooks[0].timeoutSeconds',
    limit: TIMEOUT_SECONDS_MAX,
    path: `${ADMISSION}/validatingwebhookconfigurations`,
    body: (timeoutSeconds) => webhooks({ timeoutSeconds }),
    says: 'the timeout value must be between 1 and 30 seconds',
  },
  over(CONDITIONS_MAX, (says) => ({
    field: 'webhooks[0].matchConditions',
    limit: CONDITIONS_MAX,
    path: `${ADMISSION}/mutatingwebhookconfigurations`,
    body: (size) => webhooks({ matchConditions: list(size, (i) => ({ name: `c${i}`, expression: 'true' })) }),
    says,
  })),
  {
    field: 'spec.auditAnnotations',
    limit: AUDIT_ANNOTATIONS_MAX,
    path: `${ADMISSION}/validatingadmissionpolicies`,
    body: (size) => policy({ auditAnnotations: list(size, (i) => ({ key: `k${i}`, valueExpression: '"v"' })) }),
    says: `must not have more than ${AUDIT_ANNOTATIONS_MAX} auditAnnotations`,
  },
  {
    field: 'spec.auditAnnotations[0].valueExpression',
    limit: AUDIT_EXPRESSION_MAX_BYTES,
    path: `${ADMISSION}/validatingadmissionpolicies`,
    body: (size) => policy({ auditAnnotations: [{ key: 'k', valueExpression: `"${text(size - 2)}"` }] }),
    says: `must not exceed ${AUDIT_EXPRESSION_MAX_BYTES} bytes in length`,
  },
  {
    field: 'spec.groupPriorityMinimum',
    limit: GROUP_PRIORITY_MAX,
    path: '/apis/apiregistration.k8s.io/v1/apiservices',
    body: (groupPriorityMinimum) => apiService({ groupPriorityMinimum }),
    says: 'must be positive and less than 20000',
  },
  {
    field: 'spec.versionPriority',
    limit: VERSION_PRIORITY_MAX,
    path: '/apis/apiregistration.k8s.io/v1/apiservices',
    body: (versionPriority) => apiService({ versionPriority }),
    says: 'must be positive and less than 1000',
  },
  {
    field: 'spec.behavior.scaleUp.stabilizationWindowSeconds',
    limit: WINDOW_MAX,
    path: namespaced('autoscaling/v2', 'horizontalpodautoscalers'),
    body: (stabilizationWindowSeconds) => scaleUp({ stabilizationWindowSeconds }),
    says: `must be less than or equal to ${WINDOW_MAX}`,
  },
  {
    field: 'spec.behavior.scaleUp.policies[0].periodSeconds',
    limit: PERIOD_MAX,
    path: namespaced('autoscaling/v2', 'horizontalpodautoscalers'),
    body: (periodSeconds) => scaleUp({ policies: [{ type: 'Pods', value: 1, periodSeconds }] }),
    says: `must be less than or equal to ${PERIOD_MAX}`,
  },
  {
    field: 'metadata.name',
    limit: CRON_JOB_NAME_MAX,
    path: namespaced('batch/v1', 'cronjobs'),
    body: (size) => ({
      metadata: { name: text(size) },
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
      },
    }),
    says: `must be no more than ${CRON_JOB_NAME_MAX} characters`,
  },
  {
    field: 'spec.parallelism',
    limit: INDEXED_MAX,
    path: namespaced('batch/v1', 'jobs'),
    body: (parallelism) => job({ parallelism }),
    says: `must be less than or equal to ${INDEXED_MAX} when completion mode is Indexed`,
  },
  {
    field: 'spec.maxFailedIndexes',
    limit: HIGH_MAX,
    path: namespaced('batch/v1', 'jobs'),
    body: (maxFailedIndexes) => job({ completions: INDEXED_MAX + 1, backoffLimitPerIndex: 1, maxFailedIndexes }),
    says: `must be less than or equal to ${HIGH_MAX} when completions are above ${INDEXED_MAX} and used with backoff limit per index`,
  },
  {
    field: 'spec.expirationSeconds',
    limit: EXPIRATION_SECONDS_MIN,
    least: true,
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: (expirationSeconds) => signing({ expirationSeconds }),
    says: 'may not specify a duration less than 600 seconds (10 minutes)',
  },
  {
    field: 'spec.signerName',
    limit: MAX_DOMAIN,
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: (size) => signing({ signerName: `${domain(size)}/s` }),
    says: bytes(MAX_DOMAIN),
  },
  {
    field: 'spec.signerName',
    limit: MAX_SIGNER_NAME,
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: (size) => signing({ signerName: `${domain(MAX_DOMAIN)}/${domain(size - MAX_DOMAIN - 1)}` }),
    says: bytes(MAX_SIGNER_NAME),
  },
  {
    field: WHOLE_OBJECT,
    limit: SIZE_MAX,
    path: `${CORE}/configmaps`,
    body: (size) => ({ data: { k: text(size) } }),
    says: bytes(SIZE_MAX),
  },
  {
    field: 'metadata.annotations',
    limit: ANNOTATIONS_MAX_BYTES,
    path: `${CORE}/configmaps`,
    body: (size) => ({ metadata: { annotations: { k: text(size - 1) } } }),
    says: bytes(ANNOTATIONS_MAX_BYTES),
  },
  {
    field: 'message',
    limit: NOTE_MAX,
    path: namespaced('events.k8s.io/v1', 'events'),
    body: (size) => ({
      note: text(size),
      eventTime: '2026-01-05T10:00:00.000000Z',
      reportingController: 'example.com/c',
      reportingInstance: 'i',
      action: 'Act',
      reason: 'Reason',
      type: 'Normal',
      regarding: { namespace: 'default' },
    }),
    says: `can have at most ${NOTE_MAX} characters`,
  },
  over(RESTART_RULES_MAX, (says) => ({
    field: 'spec.containers[0].restartPolicyRules',
    limit: RESTART_RULES_MAX,
    path: `${CORE}/pods`,
    body: (size) => restarts(list(size, () => exits([1]))),
    says,
  })),
  over(EXIT_CODES_MAX, (says) => ({
    field: 'spec.containers[0].restartPolicyRules[0].exitCodes.values',
    limit: EXIT_CODES_MAX,
    path: `${CORE}/pods`,
    body: (size) => restarts([exits(list(size, (i) => i))]),
    says,
  })),
  {
    field: 'spec.activeDeadlineSeconds',
    limit: INT32_MAX,
    path: `${CORE}/pods`,
    body: (activeDeadlineSeconds) => ({ spec: { activeDeadlineSeconds, containers: [container] } }),
    says: `must be between 1 and ${INT32_MAX}, inclusive`,
  },
  {
    field: 'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
    limit: AFFINITY_SECONDS_MAX,
    path: `${CORE}/services`,
    body: (timeoutSeconds) =>
      service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } }),
    says: `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`,
  },
  over(ENDPOINTS_MAX, (says) => ({
    field: 'endpoints',
    limit: ENDPOINTS_MAX,
    path: namespaced('discovery.k8s.io/v1', 'endpointslices'),
    body: (size) => ({ addressType: 'IPv4', endpoints: list(size, (i) => ({ addresses: [ip(i)] })), ports: [] }),
    says,
  })),
  over(ADDRESSES_MAX, (says) => ({
    field: 'endpoints[0].addresses',
    limit: ADDRESSES_MAX,
    path: namespaced('discovery.k8s.io/v1', 'endpointslices'),
    body: (size) => slice({ addresses: list(size, ip) }),
    says,
  })),
  over(PORTS_MAX, (says) => ({
    field: 'ports',
    limit: PORTS_MAX,
    path: namespaced('discovery.k8s.io/v1', 'endpointslices'),
    body: (size) => ({
      addressType: 'IPv4',
      endpoints: [],
      ports: list(size, (i) => ({ name: `p${i}a`, port: 1 + i, protocol: 'TCP' })),
    }),
    says,
  })),
  over(HINTS_MAX, (says) => ({
    field: 'endpoints[0].hints.forZones',
    limit: HINTS_MAX,
    path: namespaced('discovery.k8s.io/v1', 'endpointslices'),
    body: (size) => slice({ hints: { forZones: list(size, (i) => ({ name: `z${i}` })) } }),
    says,
  })),
  {
    field: 'spec.matchingPrecedence',
    limit: PRECEDENCE_MAX,
    path: '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
    body: (matchingPrecedence) => ({
      spec: { matchingPrecedence, priorityLevelConfiguration: { name: 'global-default' } },
    }),
    says: `must not be greater than ${PRECEDENCE_MAX}`,
  },
  {
    field: 'spec.limited.limitResponse.queuing.queues',
    limit: QUEUES_MAX,
    path: '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    body: (queues) => ({
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues, handSize: 1 } } } },
    }),
    says: `must not be greater than ${QUEUES_MAX}`,
  },
  {
    field: 'spec.controller',
    limit: CONTROLLER_MAX_BYTES,
    path: '/apis/networking.k8s.io/v1/ingressclasses',
    body: (size) => ({ spec: { controller: `example.com/${text(size - 'example.com/'.length)}` } }),
    says: bytes(CONTROLLER_MAX_BYTES),
  },
  over(REQUESTS_MAX, (says) => ({
    field: 'spec.devices.requests',
    limit: REQUESTS_MAX,
    path: CLAIMS,
    body: (size) => claim({ requests: list(size, (i) => ({ name: `r${i}`, exactly: { deviceClassName: 'c' } })) }),
    says,
  })),
  over(SELECTORS_MAX, (says) => ({
    field: 'spec.devices.requests[0].exactly.selectors',
    limit: SELECTORS_MAX,
    path: CLAIMS,
    body: (size) => selectors(list(size, () => ({ cel: { expression: 'true' } }))),
    says,
  })),
  {
    field: 'spec.devices.requests[0].exactly.selectors[0].cel.expression',
    limit: EXPRESSION_MAX_BYTES,
    path: CLAIMS,
    body: (size) => selectors([{ cel: { expression: `"${text(size - 6)}"==""`.slice(0, size) } }]),
    says: bytes(EXPRESSION_MAX_BYTES),
  },
  over(SUBREQUESTS_MAX, (says) => ({
    field: 'spec.devices.requests[0].firstAvailable',
    limit: SUBREQUESTS_MAX,
    path: CLAIMS,
    body: (size) =>
      claim({
        requests: [{ name: 'r', firstAvailable: list(size, (i) => ({ name: `s${i}`, deviceClassName: 'c' })) }],
      }),
    says,
  })),
  {
    field: 'spec.driver',
    limit: SLICE_DRIVER_NAME_MAX,
    path: `${RESOURCE}/resourceslices`,
    body: (size) => resourceSlice({ driver: domain(size) }),
    says: bytes(SLICE_DRIVER_NAME_MAX),
  },
  {
    field: 'spec.pool.name',
    limit: POOL_NAME_MAX,
    path: `${RESOURCE}/resourceslices`,
    body: (size) => resourceSlice({ pool: { name: domain(size), resourceSliceCount: 1 } }),
    says: bytes(POOL_NAME_MAX),
  },
  over(DEVICES_MAX, (says) => ({
    field: 'spec.devices',
    limit: DEVICES_MAX,
    path: `${RESOURCE}/resourceslices`,
    body: (size) => resourceSlice({ devices: list(size, (i) => ({ name: `d${i}` })) }),
    says,
  })),
  over(DEVICES_MAX_ADVANCED, (says) => ({
    field: 'spec.devices',
    limit: DEVICES_MAX_ADVANCED,
    path: `${RESOURCE}/resourceslices`,
    body: (size) =>
      resourceSlice({
        devices: list(size, (i) => ({
          name: `d${i}`,
          ...(i === 0 ? { taints: [{ key: 'k', effect: 'NoSchedule' }] } : {}),
        })),
      }),
    says,
  })),
  {
    field: 'spec.devices[0]',
    limit: TRAITS_MAX,
    path: `${RESOURCE}/resourceslices`,
    body: (size) =>
      resourceSlice({
        devices: [{ name: 'd', attributes: map(size - 1, () => ({ int: 1 })), capacity: { c: { value: '1' } } }],
      }),
    says: `the total number of attributes and capacities must not exceed ${TRAITS_MAX}`,
  },
  {
    field: 'value',
    limit: USER_PRIORITY_MAX,
    path: '/apis/scheduling.k8s.io/v1/priorityclasses',
    body: (value) => ({ value }),
    says: `maximum allowed value of a user defined priority is ${USER_PRIORITY_MAX}`,
  },
  {
    field: 'spec.tokenRequests[0].expirationSeconds',
    limit: TOKEN_SECONDS_MIN,
    least: true,
    path: `${STORAGE}/csidrivers`,
    body: (expirationSeconds) => driver({ tokenRequests: [{ audience: 'a', expirationSeconds }] }),
    says: 'may not specify a duration less than 10 minutes',
  },
  {
    field: 'spec.drivers[0].name',
    limit: DRIVER_NAME_MAX,
    path: `${STORAGE}/csinodes`,
    body: (size) => ({ spec: { drivers: [{ name: domain(size), nodeID: 'n' }] } }),
    says: bytes(DRIVER_NAME_MAX),
  },
  {
    field: 'spec.drivers[0].nodeID',
    limit: NODE_ID_MAX,
    path: `${STORAGE}/csinodes`,
    body: (size) => ({ spec: { drivers: [{ name: 'd.example.com', nodeID: text(size) }] } }),
    says: `must be ${NODE_ID_MAX} characters or less`,
  },
  {
    field: 'parameters',
    limit: PARAMETERS_MAX,
    path: `${STORAGE}/storageclasses`,
    body: (size) => storageClass(map(size, () => 'v')),
    says: bytes(PARAMETERS_MAX),
  },
  {
    field: 'parameters',
    limit: PARAMETERS_MAX_BYTES,
    path: `${STORAGE}/storageclasses`,
    body: (size) => storageClass({ k: text(size - 1) }),
    says: bytes(PARAMETERS_MAX_BYTES),
  },
  {
    field: 'spec.attacher',
    limit: ATTACHER_NAME_MAX,
    path: `${STORAGE}/volumeattachments`,
    body: (size) => ({ spec: { attacher: domain(size), nodeName: 'n', source: { persistentVolumeName: 'v' } } }),
    says: `Too long: may not be more than ${ATTACHER_NAME_MAX} `,
  },
];

let made = 0;

/** An object of this body, under a name of its own unless it has one. */
function named(body: Body): Body & { metadata: { name: string } } {
  const metadata = body.metadata as Body | undefined;
  return { ...body, metadata: { name: `o${made++}`, ...metadata } };
}

it.each(LIMITS)('$path: $field, $limit', async ({ field, limit, path, body, says, least }) => {
  const [beyond, within] = [named(body(least ? limit - 1 : limit + 1)), named(body(limit))];
  const refused = await sandbox.request('POST', path, beyond);
  expect([refused.code, refused.reason]).toEqual([422, 'Invalid']);
  expect(
    refused.details.causes
      .filter((cause: Record<string, string>) => cause.field === field)
      .map(({ message }: any) => message),
  ).toEqual(expect.arrayContaining([expect.stringContaining(says)]));
  expect((await sandbox.request('GET', `${path}/${beyond.metadata.name}`)).reason).toBe('NotFound');
  const taken = await sandbox.respond('POST', path, {}, within);
  expect([taken.status, taken.status === 201 ? '' : await taken.text()]).toEqual([201, '']);
  await sandbox.request('DELETE', `${path}/${within.metadata.name}`);
});

/** Limits on what an object is changed to. */
async function changed(path: string, body: Body, subresource: string, change: (size: number) => Body, limit: number) {
  const object = named(body);
  await sandbox.request('POST', path, object);
  const at = `${path}/${object.metadata.name}`;
  const before = await sandbox.request('GET', at);
  const refused = await sandbox.request('PATCH', `${at}${subresource}`, change(limit + 1));
  expect(await sandbox.request('GET', at)).toEqual(before);
  const taken = await sandbox.respond('PATCH', `${at}${subresource}`, {}, change(limit));
  await sandbox.request('DELETE', at);
  return { refused, taken: taken.status };
}

const BUDGETS = namespaced('policy/v1', 'poddisruptionbudgets');
const condition = (more: Body): Body => ({
  status: {
    conditions: [
      { type: 'T', status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-05T10:00:00Z', ...more },
    ],
  },
});

it.each([
  ['reason', REASON_MAX_BYTES, (size: number) => condition({ reason: text(size) })],
  ['message', MESSAGE_MAX_BYTES, (size: number) => condition({ message: text(size) })],
])('the %s of a condition, %i', async (field, limit, change) => {
  const { refused, taken } = await changed(BUDGETS, { spec: { minAvailable: 1 } }, '/status', change, limit);
  expect([refused.code, refused.message]).toEqual([
    422,
    expect.stringContaining(`status.conditions[0].${field}: ${bytes(limit)}`),
  ]);
  expect(taken).toBe(200);
});

it('the error of a volume’s attachment', async () => {
  const attachment = { spec: { attacher: 'd.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } } };
  const change = (size: number): Body => ({ status: { attached: false, attachError: { message: text(size) } } });
  const path = `${STORAGE}/volumeattachments`;
  const { refused, taken } = await changed(path, attachment, '/status', change, ERROR_MESSAGE_MAX_BYTES);
  expect([refused.code, refused.message]).toEqual([
    422,
    expect.stringContaining(`status.attachError.message: ${bytes(ERROR_MESSAGE_MAX_BYTES)}`),
  ]);
  expect(taken).toBe(200);
});

it.each([
  ['manager', MANAGER_MAX_BYTES],
  ['subresource', SUBRESOURCE_MAX_BYTES],
] as const)('the %s of managed fields, %i', async (field, limit) => {
  const change = (size: number): Body => ({
    metadata: {
      managedFields: [
        {
          manager: 'm',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: {},
          [field]: text(size),
        },
      ],
    },
  });
  const { refused, taken } = await changed(`${CORE}/configmaps`, {}, '', change, limit);
  expect([refused.code, refused.message]).toEqual([
    422,
    expect.stringContaining(`metadata.managedFields[0].${field}: ${bytes(limit)}`),
  ]);
  expect(taken).toBe(200);
});
