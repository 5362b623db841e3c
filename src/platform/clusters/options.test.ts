/**
 * Every field that a request may have changes something: for each there is a pair of bodies that differ in it, and what comes of them is
 * not the same. The fields are those of the document, so a new one needs a pair.
 */

import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { newNetwork } from '../../network/cni/machine.ts';
import { machineWithPod } from '../../network/cni/test-call.ts';
import { POLICIES_EXAMPLES, PROXY_EXAMPLES, TRACE_EXAMPLES } from '../simulate/examples.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';

type Body = Record<string, LooseObject>;
type Sender = (
  path: string,
  init?: { method?: string; body?: unknown; headers?: Record<string, string> },
) => Promise<LooseObject>;

/** Requests with this token; what is answered, JSON or text, and the status of what is refused. */
const sender =
  (token?: string): Sender =>
  async (path, { method = 'GET', body, headers = {} } = {}) => {
    const answer = await worker.fetch(ORIGIN + path, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) return { refused: answer.status };
    return text.startsWith('{') ? JSON.parse(text) : text;
  };

/** At the highest speed of a clock an hour goes by in 42 ms. */
const anHour = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

const minutesBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 60_000);

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'nginx', image: 'nginx:1.27' }] } },
  },
};
const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};
/** What serves metrics. */
const METRICS_SERVER: Body[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'metrics-server', namespace: 'kube-system', labels: { app: 'metrics-server' } },
    spec: { containers: [{ name: 'c', image: 'metrics-server', ports: [{ containerPort: 443 }] }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'metrics-server', namespace: 'kube-system' },
    spec: { selector: { app: 'metrics-server' }, ports: [{ port: 443 }] },
  },
  {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      service: { name: 'metrics-server', namespace: 'kube-system' },
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
    },
  },
];
const START = '2030-01-01T00:00:00Z';
const CLUSTER: Body = {
  seed: 'fixed',
  nodes: 2,
  clock: { start: START, paused: true },
  manifests: [DEPLOYMENT, SERVICE],
};

/** Where webhooks may be called, whether there is an audit log, how many members etcd has, and whether causes are kept, is told by the file that makes such a cluster again. */
async function makingOf({ id, token }: LooseObject): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}` };
  const file = await (await worker.fetch(`${ORIGIN}/v1/clusters/${id}/export`, { headers })).text();
  const { webhooks, audit, etcdMembers, topology, causes } = JSON.parse(file.split('\n')[0]!).making;
  return { webhooks, audit, etcdMembers, topology, causes };
}

/** What of a cluster can be seen to differ, without what is its own alone. */
async function cluster(body: Body): Promise<unknown> {
  const made = await sender()('/v1/clusters', { method: 'POST', body });
  if (made.refused) throw new Error(`${JSON.stringify(body)} was refused with ${made.refused}`);
  const ask = sender(made.token);
  const api = (path: string) => ask(`/clusters/${made.id}/api/v1/${path}`);
  if (body.clock?.speed) await anHour();
  const clock = await ask(`/v1/clusters/${made.id}/clock`);
  const nodes = await api('nodes');
  const pods = await api('namespaces/default/pods');
  const services = await api('namespaces/default/services');
  return {
    name: made.name === made.id ? 'its id' : made.name,
    minutes: minutesBetween(made.createdAt, made.expiresAt),
    kubeconfig: 'kubeconfig' in made,
    manifests: made.manifests,
    // Real time does not go by the hour here.
    hours: body.clock ? Math.floor(minutesBetween(START, clock.time) / 60) : 'real time',
    nodes: nodes.items.map(({ metadata, spec, status }: LooseObject) => [
      metadata.name,
      metadata.labels,
      spec,
      status.capacity,
    ]),
    pods: pods.items.map(({ metadata, spec, status }: LooseObject) => [
      metadata.name,
      spec.nodeName,
      status.phase,
      status.podIP,
      status.conditions?.map((c: LooseObject) => `${c.type}=${c.status}`),
    ]),
    usage: (await ask(`/clusters/${made.id}/apis/metrics.k8s.io/v1beta1/namespaces/default/pods`)).items?.map(
      ({ containers }: LooseObject) => containers,
    ),
    services: services.items.map(({ metadata, spec }: LooseObject) => [metadata.name, spec.clusterIP]),
    rules: (await ask(`/v1/clusters/${made.id}/nodes/node-1/iptables`)) !== '',
    making: await makingOf(made),
  };
}

const node = (more: Body) => ({ ...CLUSTER, nodes: [{ name: 'node-1', ...more }] });
const taint = (more: Body) => node({ taints: [{ key: 'a', effect: 'PreferNoSchedule', ...more }] });
const unready = (match: Body) => ({ ...CLUSTER, behaviours: [{ match, ready: false }] });
const using = (usage: Body | undefined) => ({
  ...clock({}),
  manifests: [DEPLOYMENT, ...METRICS_SERVER],
  behaviours: [{ match: {}, ...(usage ? { usage } : {}) }],
});
const manifest = (more: Body) => ({ ...CLUSTER, manifests: [{ ...SERVICE, ...more }] });
const clock = (more: Body) => ({ ...CLUSTER, clock: { start: START, speed: 86_400, ...more } });

/** A cluster of one's own for what is done to it; answers what `see` sees of it after a request. */
const after =
  (method: string, path: string, see: (ask: Sender, id: string, answer: LooseObject) => Promise<unknown>) =>
  async (body: Body): Promise<unknown> => {
    const made = await sender()('/v1/clusters', { method: 'POST', body: { ...CLUSTER, name: 'before' } });
    const ask = sender(made.token);
    const answer = await ask(`/v1/clusters/${made.id}${path}`, { method, body });
    if (answer.refused) throw new Error(`${JSON.stringify(body)} was refused with ${answer.refused}`);
    return see(ask, made.id, answer);
  };

const change = after('PATCH', '', async (ask, id) => {
  const { name, createdAt, expiresAt } = await ask(`/v1/clusters/${id}`);
  return { name, minutes: minutesBetween(createdAt, expiresAt) };
});
const fork = after('POST', '/forks', async (_, __, { id, token, name, createdAt, expiresAt }) => {
  const pods = await sender(token)(`/clusters/${id}/api/v1/pods`);
  return { name, minutes: minutesBetween(createdAt, expiresAt), pods: pods.items.length };
});
const setClock = after('PATCH', '/clock', async (ask, id, { did }) => {
  await anHour();
  const { time } = await ask(`/v1/clusters/${id}/clock`);
  return { hours: Math.floor(minutesBetween(START, time) / 60), tells: did !== undefined };
});
/** One cluster in which all of it happens, with parts of every kind. */
let breakable: Promise<LooseObject> | undefined;
const BREAKABLE = {
  topology: 'stacked',
  nodes: [{ name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'a' } }, { name: 'node-2' }],
};
const BROKEN = [
  { kill: { node: 'node-1' } },
  { kill: { component: 'kube-scheduler-cp-2' } },
  { pause: { component: 'kube-scheduler-cp-1' } },
  { pause: { member: 'cp-3' } },
  { kill: { node: 'node-2' } },
];
async function faults(body: Body): Promise<unknown> {
  breakable ??= sender()('/v1/clusters', { method: 'POST', body: BREAKABLE });
  const { id, token: own } = await breakable;
  const change = (one: Body): Promise<LooseObject> =>
    sender(own)(`/v1/clusters/${id}/faults`, { method: 'POST', body: one });
  await change({ heal: true });
  if (body.heal) for (const broken of BROKEN) await change(broken);
  const answer = await change(body);
  if (answer.refused) throw new Error(`${JSON.stringify(body)} was refused with ${answer.refused}`);
  return JSON.parse(JSON.stringify(answer).replaceAll(/"(since|time)":"[^"]*"/g, '"$1":""'));
}
const killing = (target: Body) => ({ kill: target });
const pausing = (target: Body) => ({ pause: target });
const healing = (target: Body) => ({ heal: target });
const targets = (change: (target: Body) => Body, field: string): Record<string, Pair> => ({
  [field]: [change({ node: 'node-1' }), change({ member: 'cp-3' })],
  [`${field}.node`]: [change({ node: 'node-1' }), change({ node: 'node-2' })],
  [`${field}.member`]: [change({ member: 'cp-3' }), change({ node: 'node-2' })],
  [`${field}.component`]: [change({ component: 'kube-scheduler-cp-1' }), change({ component: 'kube-scheduler-cp-2' })],
  [`${field}.zone`]: [change({ zone: 'a' }), change({ node: 'node-2' })],
});
const delayed = (more: Body) => ({ delay: { member: 'cp-1', milliseconds: 5, ...more } });
const losing = (more: Body) => ({ loss: { member: 'cp-1', percent: 5, ...more } });
const slow = (more: Body) => ({ slowDisk: { member: 'cp-1', milliseconds: 5, ...more } });
const skewed = (more: Body) => ({ clockSkew: { member: 'cp-1', speed: 2, ...more } });
const full = (member: string) => ({ fullDisk: { member } });
const token = after('POST', '/tokens', async (_, id, { token: issued, createdAt, expiresAt }) => {
  const ask = sender(issued);
  const configMaps = (namespace: string) => `/clusters/${id}/api/v1/namespaces/${namespace}/configmaps`;
  const body = { metadata: { name: 'a' } };
  return {
    minutes: minutesBetween(createdAt, expiresAt),
    writes: 'refused' in (await ask(configMaps('default'), { method: 'POST', body })),
    elsewhere: 'refused' in (await ask(configMaps('kube-system'))),
    fromPage: 'refused' in (await ask(configMaps('default'), { headers: { origin: 'https://page.example' } })),
  };
});

const trace = after('POST', '/trace', async (_, __, answer) => answer);

const simulate = (what: string) => (body: Body) => sender()(`/v1/simulate/${what}`, { method: 'POST', body });
const [schedule, cni, proxy, cel, policies, packet] = ['schedule', 'cni', 'kube-proxy', 'cel', 'policies', 'trace'].map(
  simulate,
) as [Run, Run, Run, Run, Run, Run];

const CEL = {
  expression: 'self.a == 1',
  place: 'rule',
  schema: { type: 'object', properties: { a: { type: 'integer' } } },
  values: { self: { a: 1 } },
};

const placed = (name: string, cpu: string, labels = {}) => ({
  metadata: { name, labels },
  status: { capacity: { cpu, memory: '8Gi', pods: '9' }, allocatable: { cpu, memory: '8Gi', pods: '9' } },
});
const container = (cpu: string) => [{ name: 'c', resources: { requests: { cpu } } }];
const wanted = (cpu: string, more: Body = {}) => ({
  metadata: { name: 'p', namespace: 'x' },
  spec: { containers: container(cpu), ...more },
});
const SCHEDULE: Body = { pod: wanted('3'), nodes: [placed('a', '4'), placed('b', '4')], seed: 's' };
const running = { metadata: { name: 'q', namespace: 'x' }, spec: { nodeName: 'a', containers: container('2') } };
const CLAIMING = wanted('1', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });
const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'x' },
  spec: { volumeName: 'gone' },
};

const CNI: Body = { nodes: [{ name: 'a' }], pods: [{ name: 'p', node: 'a' }] };
const cniNode = (more: Body) => ({ ...CNI, nodes: [{ name: 'a', ...more }] });
const cniPod = (more: Body) => ({ nodes: [{ name: 'a' }, { name: 'b' }], pods: [{ name: 'p', node: 'a', ...more }] });

const CALL: Body = {
  plugin: 'host-local',
  command: 'ADD',
  containerID: 'c1',
  netns: '/var/run/netns/pod-1',
  ifname: 'eth0',
  path: '/opt/cni/bin',
  config: {
    cniVersion: '1.0.0',
    name: 'net',
    type: 'host-local',
    ipam: { type: 'host-local', dataDir: '/data', subnet: '10.1.0.0/24' },
  },
  state: { files: {} },
};
const list = (more: Body = {}): Body => ({
  ...CALL,
  plugin: undefined,
  config: {
    cniVersion: '1.1.0',
    name: 'net',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        ipam: { type: 'host-local', dataDir: '/data', subnet: '10.1.0.0/24' },
        capabilities: { ips: true },
      },
    ],
  },
  state: machineWithPod(),
  ...more,
});
const cached = (containerID: string, ifname: string) => ({
  [`net-${containerID}-${ifname}`]: { result: { cniVersion: '1.1.0' }, containerID, ifname, netns: '' },
});
const collect = (containerID: string, ifname: string): Body =>
  list({
    command: 'GC',
    validAttachments: [{ containerID, ifname }],
    state: { files: {}, cache: { ...cached('c1', 'eth0'), ...cached('c2', 'eth0'), ...cached('c1', 'eth1') } },
  });

const POLICIES: Body = POLICIES_EXAMPLES.web;
const asking = (protocol: string, port: number): Body => ({ ...POLICIES, ports: [{ protocol, port }] });

const TRACE: Body = TRACE_EXAMPLES.clusterIP;
const traced = (more: Body): Body => ({ ...TRACE, packet: { ...TRACE_EXAMPLES.clusterIP.packet, ...more } });
const tables = (nat: string, filter: string): Body => ({
  ...TRACE,
  rules: { nat: `*nat\n${nat}COMMIT\n`, filter: `*filter\n${filter}COMMIT\n` },
});
const ruleset = (text: string): Body => ({
  ...TRACE,
  input: { ...TRACE_EXAMPLES.clusterIP.input, mode: 'nftables' },
  rules: { ruleset: text },
});
const connection = (more: Body): Body => ({ from: 'node-1', to: 'svc/default/web', port: 80, ...more });

const [SLICE] = PROXY_EXAMPLES.service.endpointSlices as unknown as [Body];
const NODE_PORT: Body = {
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    ...PROXY_EXAMPLES.service.services[0]!.spec,
    type: 'NodePort',
    ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30080 }],
  },
};
const hinted = (zone: string) => ({
  addresses: [`10.244.0.${zone.length + 5}`],
  conditions: { ready: true },
  nodeName: 'node-1',
  hints: { forZones: [{ name: zone }] },
});
const ZONES = { ...SLICE, endpoints: [hinted('a'), hinted('bb')] };
const LOCAL = { ...NODE_PORT, spec: { ...NODE_PORT.spec, internalTrafficPolicy: 'Local' } };
const PROXY: Body = { ...PROXY_EXAMPLES.service, services: [NODE_PORT] };
const zoned = (zone: string) => ({
  ...PROXY,
  endpointSlices: [ZONES],
  node: { ...PROXY.node, labels: { 'topology.kubernetes.io/zone': zone } },
});

type Run = (body: Body) => Promise<unknown>;
type Pair = [one: Body, other: Body];

/** By operation and field, as the document has them. */
const PAIRS: Record<string, { run: Run; fields: Record<string, Pair> }> = {
  createCluster: {
    run: cluster,
    fields: {
      name: [CLUSTER, { ...CLUSTER, name: 'other' }],
      profile: [CLUSTER, { ...CLUSTER, profile: 'no-kubelet' }],
      nodes: [CLUSTER, { ...CLUSTER, nodes: 3 }],
      'nodes[].name': [node({}), { ...CLUSTER, nodes: [{ name: 'other' }] }],
      'nodes[].capacity': [node({}), node({ capacity: { cpu: '1' } })],
      'nodes[].labels': [node({}), node({ labels: { disk: 'ssd' } })],
      'nodes[].taints': [node({}), taint({})],
      'nodes[].taints[].key': [taint({}), taint({ key: 'b' })],
      'nodes[].taints[].value': [taint({}), taint({ value: 'v' })],
      'nodes[].taints[].effect': [taint({}), taint({ effect: 'NoSchedule' })],
      etcdMembers: [CLUSTER, { ...CLUSTER, etcdMembers: 3 }],
      topology: [CLUSTER, { ...CLUSTER, topology: 'single' }],
      controlPlanes: [
        { ...CLUSTER, topology: 'external' },
        { ...CLUSTER, topology: 'external', controlPlanes: 1 },
      ],
      loadBalancer: [
        { ...CLUSTER, topology: 'stacked' },
        { ...CLUSTER, topology: 'stacked', loadBalancer: false },
      ],
      causes: [CLUSTER, { ...CLUSTER, causes: false }],
      components: [CLUSTER, { ...CLUSTER, components: { 'kube-proxy': false } }],
      behaviours: [CLUSTER, unready({})],
      'behaviours[].match': [unready({}), unready({ pod: 'none' })],
      'behaviours[].match.namespace': [unready({ namespace: 'default' }), unready({ namespace: 'other' })],
      'behaviours[].match.pod': [unready({ pod: 'web-*' }), unready({ pod: 'db-*' })],
      'behaviours[].match.labels': [unready({ labels: { app: 'web' } }), unready({ labels: { app: 'db' } })],
      'behaviours[].match.container': [unready({ container: 'nginx' }), unready({ container: 'other' })],
      'behaviours[].match.image': [unready({ image: 'nginx:*' }), unready({ image: 'redis:*' })],
      'behaviours[].ready': [unready({}), { ...CLUSTER, behaviours: [{ match: {}, ready: true }] }],
      'behaviours[].pace': [
        { ...CLUSTER, behaviours: [{ match: {}, pace: 'instant' }] },
        { ...CLUSTER, behaviours: [{ match: {}, pace: 'realistic' }] },
      ],
      webhooks: [CLUSTER, { ...CLUSTER, webhooks: { allow: [] } }],
      audit: [CLUSTER, { ...CLUSTER, audit: true }],
      'webhooks.allow': [
        { ...CLUSTER, webhooks: { allow: [] } },
        { ...CLUSTER, webhooks: { allow: ['https://hooks.example.org/'] } },
      ],
      'behaviours[].usage': [using(undefined), using({ cpu: '100m' })],
      'behaviours[].usage.cpu': [using({ cpu: '100m' }), using({ cpu: '200m' })],
      'behaviours[].usage.memory': [using({ memory: '8Mi' }), using({ memory: '16Mi' })],
      seed: [CLUSTER, { ...CLUSTER, seed: 'other' }],
      clock: [CLUSTER, { ...CLUSTER, clock: undefined }],
      'clock.start': [CLUSTER, { ...CLUSTER, clock: { start: '2031-01-01T00:00:00Z', paused: true } }],
      'clock.speed': [clock({}), clock({ speed: 1 })],
      'clock.paused': [clock({}), clock({ paused: true })],
      serviceCIDR: [CLUSTER, { ...CLUSTER, serviceCIDR: '10.97.0.0/16' }],
      podCIDR: [CLUSTER, { ...CLUSTER, podCIDR: '10.245.0.0/16' }],
      manifests: [CLUSTER, { ...CLUSTER, manifests: [] }],
      'manifests[].apiVersion': [manifest({}), manifest({ apiVersion: 'v9' })],
      'manifests[].kind': [manifest({}), manifest({ kind: 'Nothing' })],
      'manifests[].metadata': [manifest({}), manifest({ metadata: { name: 'other' } })],
      kubeconfig: [CLUSTER, { ...CLUSTER, kubeconfig: true }],
      ttl: [CLUSTER, { ...CLUSTER, ttl: 600 }],
    },
  },
  changeCluster: { run: change, fields: { name: [{}, { name: 'after' }], ttl: [{}, { ttl: 600 }] } },
  forkCluster: {
    run: fork,
    fields: { revision: [{}, { revision: 2 }], name: [{}, { name: 'after' }], ttl: [{}, { ttl: 600 }] },
  },
  setClock: {
    run: setClock,
    fields: {
      speed: [{ paused: false }, { paused: false, speed: 86_400 }],
      paused: [
        { speed: 86_400, paused: false },
        { speed: 86_400, paused: true },
      ],
      advance: [{}, { advance: 7200 }],
      next: [{}, { next: true }],
    },
  },
  changeFaults: {
    run: faults,
    fields: {
      ...targets(killing, 'kill'),
      ...targets(pausing, 'pause'),
      ...targets(healing, 'heal'),
      partition: [{ partition: [] }, { partition: [['cp-1']] }],
      delay: [delayed({}), { heal: true }],
      'delay.member': [delayed({}), delayed({ member: 'cp-2' })],
      'delay.to': [delayed({}), delayed({ to: 'cp-2' })],
      'delay.milliseconds': [delayed({}), delayed({ milliseconds: 6 })],
      loss: [losing({}), { heal: true }],
      'loss.member': [losing({}), losing({ member: 'cp-2' })],
      'loss.to': [losing({}), losing({ to: 'cp-2' })],
      'loss.percent': [losing({}), losing({ percent: 6 })],
      slowDisk: [slow({}), { heal: true }],
      'slowDisk.member': [slow({}), slow({ member: 'cp-2' })],
      'slowDisk.milliseconds': [slow({}), slow({ milliseconds: 6 })],
      fullDisk: [full('cp-1'), { heal: true }],
      'fullDisk.member': [full('cp-1'), full('cp-2')],
      clockSkew: [skewed({}), { heal: true }],
      'clockSkew.member': [skewed({}), skewed({ member: 'cp-2' })],
      'clockSkew.speed': [skewed({}), skewed({ speed: 3 })],
    },
  },
  createToken: {
    run: token,
    fields: {
      role: [{ role: 'view' }, { role: 'edit' }],
      namespaces: [{ role: 'view' }, { role: 'view', namespaces: ['default'] }],
      origins: [{ role: 'view' }, { role: 'view', origins: ['https://other.example'] }],
      ttl: [{ role: 'view' }, { role: 'view', ttl: 600 }],
    },
  },
  simulateSchedule: {
    run: schedule,
    fields: {
      pod: [SCHEDULE, { ...SCHEDULE, pod: wanted('5') }],
      nodes: [SCHEDULE, { ...SCHEDULE, nodes: [placed('a', '4')] }],
      pods: [SCHEDULE, { ...SCHEDULE, pods: [running] }],
      objects: [
        { ...SCHEDULE, pod: CLAIMING },
        { ...SCHEDULE, pod: CLAIMING, objects: [CLAIM] },
      ],
      seed: [SCHEDULE, { ...SCHEDULE, seed: 'other' }],
    },
  },
  simulateCni: {
    run: cni,
    fields: {
      podCIDR: [CNI, { ...CNI, podCIDR: '10.1.0.0/16' }],
      nodes: [CNI, { ...CNI, nodes: [] }],
      'nodes[].name': [cniPod({}), { ...cniPod({}), nodes: [{ name: 'b' }, { name: 'a' }] }],
      'nodes[].podCIDR': [CNI, cniNode({ podCIDR: '10.9.0.0/24' })],
      'nodes[].reserved': [CNI, cniNode({ reserved: ['10.244.0.2'] })],
      'nodes[].lastReserved': [CNI, cniNode({ lastReserved: '10.244.0.7' })],
      pods: [CNI, { ...CNI, pods: [] }],
      'pods[].namespace': [cniPod({}), cniPod({ namespace: 'other' })],
      'pods[].name': [cniPod({}), cniPod({ name: 'other' })],
      'pods[].node': [cniPod({}), cniPod({ node: 'b' })],
      plugin: [CALL, { ...CALL, plugin: 'static' }],
      command: [CALL, { ...CALL, command: 'VERSION' }],
      containerID: [CALL, { ...CALL, containerID: 'c2' }],
      netns: [list(), list({ netns: '/var/run/netns/none' })],
      ifname: [CALL, { ...CALL, ifname: 'eth1' }],
      args: [CALL, { ...CALL, args: 'IP=10.1.0.9' }],
      path: [CALL, { ...CALL, path: undefined }],
      config: [CALL, { ...CALL, config: { ...CALL.config, cniVersion: '0.2.0' } }],
      text: [CALL, { ...CALL, config: undefined, text: 'nothing' }],
      capabilityArgs: [list(), list({ capabilityArgs: { ips: ['10.1.0.7/24'] } })],
      state: [CALL, { ...CALL, state: { files: { '/data/net/10.1.0.2': 'other' } } }],
      'state.files': [CALL, { ...CALL, state: { files: { '/data/net/10.1.0.2': 'other' } } }],
      'state.network': [list(), list({ state: { ...machineWithPod(), network: newNetwork() } })],
      'state.cache': [collect('c1', 'eth0'), { ...collect('c1', 'eth0'), state: { files: {}, cache: {} } }],
      validAttachments: [collect('c1', 'eth0'), { ...collect('c1', 'eth0'), validAttachments: [] }],
      'validAttachments[].containerID': [collect('c1', 'eth0'), collect('c2', 'eth0')],
      'validAttachments[].ifname': [collect('c1', 'eth0'), collect('c1', 'eth1')],
    },
  },
  simulatePolicies: {
    run: policies,
    fields: {
      pods: [POLICIES, { ...POLICIES, pods: [] }],
      namespaces: [POLICIES, { ...POLICIES, namespaces: [] }],
      policies: [POLICIES, { ...POLICIES, policies: [] }],
      ports: [POLICIES, asking('TCP', 81)],
      'ports[].port': [asking('TCP', 81), asking('TCP', 80)],
      'ports[].protocol': [asking('TCP', 80), asking('UDP', 80)],
    },
  },
  simulateTrace: {
    run: packet,
    fields: {
      input: [TRACE, { ...TRACE, input: { ...TRACE_EXAMPLES.clusterIP.input, services: [] } }],
      packet: [TRACE, traced({ dport: 81 })],
      'packet.from': [TRACE, traced({ from: 'node' })],
      'packet.src': [TRACE, traced({ src: '10.244.1.8' })],
      'packet.to': [TRACE, traced({ to: 'clusterIP' })],
      'packet.dst': [TRACE, traced({ dst: '10.96.0.11' })],
      'packet.dport': [TRACE, traced({ dport: 81 })],
      'packet.proto': [TRACE, traced({ proto: 'udp' })],
      rules: [TRACE, { ...TRACE, rules: '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n' }],
      'rules.filter': [tables('', ''), tables('', ':FORWARD DROP [0:0]\n')],
      'rules.nat': [
        tables('', ''),
        tables(':PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DNAT --to-destination 10.0.0.1:1\n', ''),
      ],
      'rules.ruleset': [
        ruleset('add table ip a\n'),
        ruleset('add table ip a\nadd chain ip a f { type filter hook forward priority 0 ; policy drop ; }\n'),
      ],
      explain: [TRACE, { ...TRACE, explain: false }],
    },
  },
  traceConnection: {
    run: trace,
    fields: {
      from: [connection({}), connection({ from: 'node-2' })],
      to: [connection({}), connection({ to: 'outside' })],
      port: [connection({}), connection({ port: 81 })],
      protocol: [connection({}), connection({ protocol: 'UDP' })],
      family: [connection({ to: 'outside' }), connection({ to: 'outside', family: 'IPv6' })],
      seed: [connection({ seed: '1' }), connection({ seed: '8' })],
    },
  },
  simulateCel: {
    run: cel,
    fields: {
      expression: [CEL, { ...CEL, expression: 'self.a == 2' }],
      place: [CEL, { ...CEL, place: 'messageExpression' }],
      schema: [CEL, { ...CEL, schema: { type: 'object', properties: { a: { type: 'string' } } } }],
      resource: [
        { ...CEL, expression: 'has(self.metadata.name)' },
        { ...CEL, expression: 'has(self.metadata.name)', resource: true },
      ],
      optionalOldSelf: [
        { ...CEL, expression: 'oldSelf.hasValue()' },
        { ...CEL, expression: 'oldSelf.hasValue()', optionalOldSelf: true },
      ],
      values: [CEL, { ...CEL, values: { self: { a: 2 } } }],
    },
  },
  simulateKubeProxy: {
    run: proxy,
    fields: {
      mode: [PROXY, { ...PROXY, mode: 'nftables' }],
      ipFamily: [PROXY, { ...PROXY, ipFamily: 'IPv6' }],
      node: [zoned('a'), zoned('bb')],
      'node.name': [
        { ...PROXY, services: [LOCAL] },
        { ...PROXY, services: [LOCAL], node: { ...PROXY.node, name: 'other' } },
      ],
      'node.ips': [
        { ...PROXY, nodePortAddresses: ['172.18.0.0/16'] },
        { ...PROXY, nodePortAddresses: ['172.18.0.0/16'], node: { ...PROXY.node, ips: ['172.18.0.9'] } },
      ],
      'node.labels': [zoned('a'), zoned('bb')],
      clusterCIDR: [PROXY, { ...PROXY, clusterCIDR: '10.0.0.0/8' }],
      masqueradeAll: [PROXY, { ...PROXY, masqueradeAll: true }],
      localhostNodePorts: [PROXY, { ...PROXY, localhostNodePorts: false }],
      services: [PROXY, { ...PROXY, services: [] }],
      endpointSlices: [PROXY, { ...PROXY, endpointSlices: [] }],
      nodePortAddresses: [PROXY, { ...PROXY, nodePortAddresses: ['172.18.0.0/16'] }],
      serviceCIDRs: [
        { ...PROXY, mode: 'nftables' },
        { ...PROXY, mode: 'nftables', serviceCIDRs: ['10.96.0.0/16'] },
      ],
      nfacct: [PROXY, { ...PROXY, nfacct: true }],
      conntrackTCPLiberal: [PROXY, { ...PROXY, conntrackTCPLiberal: true }],
      masqueradeBit: [PROXY, { ...PROXY, masqueradeBit: 5 }],
      // None changes what is written; the one that would is refused.
      featureGates: [PROXY, { ...PROXY, featureGates: { KubeProxyNFTablesLocalhostNodePorts: true } }],
    },
  },
};

/** The fields of a schema, but for what is inside Kubernetes' own objects. */
function fieldsOf(schema: LooseObject, schemas: Record<string, LooseObject>, at = ''): string[] {
  const own = schema?.$ref ? schemas[schema.$ref.split('/').at(-1)] : schema;
  const isKubernetes = own.additionalProperties !== undefined && own.additionalProperties !== false;
  if (at !== '' && isKubernetes && own.properties?.metadata && !at.startsWith('manifests')) return [];
  const alternatives = [...(own.allOf ?? []), ...(own.anyOf ?? []), ...(own.oneOf ?? [])];
  const properties = Object.entries<LooseObject>(own.properties ?? {}).flatMap(([name, property]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return [path, ...fieldsOf(property, schemas, path)];
  });
  const items = own.items ? fieldsOf(own.items, schemas, `${at}[]`) : [];
  return [...new Set([...properties, ...items, ...alternatives.flatMap((one) => fieldsOf(one, schemas, at))])];
}

/** What kube-proxy is told is tried above, and is the same here. */
const isTriedAbove = (operationId: string, field: string): boolean =>
  operationId === 'simulateTrace' && field.startsWith('input.');

let documented: Record<string, string[]>;
beforeAll(async () => {
  const { paths, components } = await sender()('/v1/openapi.json');
  const operations = Object.values<LooseObject>(paths).flatMap((item) => Object.values<LooseObject>(item));
  documented = Object.fromEntries(
    operations.flatMap(({ operationId, requestBody }) => {
      const schema = requestBody?.content?.['application/json']?.schema;
      if (!schema) return [];
      const fields = fieldsOf(schema, components.schemas).filter((field) => !isTriedAbove(operationId, field));
      return [[operationId, fields.sort()]];
    }),
  );
});

it('is known of every field that a body may have', () => {
  expect(documented).toEqual(
    Object.fromEntries(Object.entries(PAIRS).map(([operation, { fields }]) => [operation, Object.keys(fields).sort()])),
  );
});

describe.each(Object.entries(PAIRS))('%s', (_, { run, fields }) => {
  it('does the same with the same', async () => {
    const [[body]] = Object.values(fields) as [Pair];
    expect(await run(body)).toEqual(await run(body));
  });

  it.each(Object.entries(fields))('%s', async (_, [one, other]) => {
    expect(await run(one)).not.toEqual(await run(other));
  });
});
