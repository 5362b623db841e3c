/** Webhooks that are programs of pods behind Services of the cluster: found through its network, trusted by their certificates. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MadeInProcess, makeInProcess } from '../../packages/kube-diorama/make-in-process.ts';
import { issueCertificate } from '../../scripts/local/certificates.ts';
import { type Authority, createAuthority } from '../../src/resources/certificates/x509/authority.ts';
import type { LooseObject } from '../loose-object.ts';

const CORE = '/api/v1/namespaces/default';
const HOOKS = '/apis/admissionregistration.k8s.io/v1';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.56';
const PORT = 8444;
const TIME_TO_START_MS = 30_000;
const STEP_MS = 100;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

let cluster: MadeInProcess;
let authority: Authority;

async function ask(method: string, path: string, body?: object, type = 'application/json'): Promise<LooseObject> {
  const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': type };
  const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
  return (await cluster.handle(new Request(`https://cluster${path}`, init))).json() as Promise<LooseObject>;
}

/** A program of agnhost's with a Service before it, which has a certificate for that. */
async function deploy(name: string, args: string[]): Promise<void> {
  const hosts = [`${name}.default.svc`];
  const pair = await issueCertificate(authority, { commonName: name, hosts, now: cluster.now, years: 1 });
  const data = { 'tls.crt': base64(pair.certificate), 'tls.key': base64(pair.privateKey) };
  await ask('POST', `${CORE}/secrets`, { metadata: { name }, data });
  const files = ['--tls-cert-file=/certs/tls.crt', '--tls-private-key-file=/certs/tls.key'];
  const flags = args.length > 1 ? [] : [...files, '-v=4', `--port=${PORT}`];
  const container = {
    name: 'c',
    image: AGNHOST,
    args: [...args, ...flags],
    volumeMounts: [{ name: 'certs', mountPath: '/certs' }],
  };
  const volumes = [{ name: 'certs', secret: { secretName: name } }];
  await ask('POST', `${CORE}/pods`, {
    metadata: { name, labels: { app: name } },
    // The API server is on the first node, whose own packets policies let pass.
    spec: { nodeName: 'node-2', containers: [container], volumes },
  });
  const ports = [{ port: 443, targetPort: PORT }];
  await ask('POST', `${CORE}/services`, { metadata: { name }, spec: { selector: { app: name }, ports } });
  await cluster.advance(TIME_TO_START_MS);
}

const clientConfig = (name: string, path: string, ca?: string) => ({
  service: { namespace: 'default', name, path },
  ...(ca === undefined ? {} : { caBundle: base64(ca) }),
});

const trusted = (name: string, path: string) => clientConfig(name, path, authority.certificate);

const rule = (resources: string[], operations = ['CREATE', 'UPDATE', 'DELETE'], apiGroups = ['']) => ({
  apiGroups,
  apiVersions: ['*'],
  operations,
  resources,
});

async function configure(kind: 'validating' | 'mutating', name: string, hook: object): Promise<void> {
  const common = { name: `${name}.example.org`, sideEffects: 'None', admissionReviewVersions: ['v1', 'v1beta1'] };
  const body = { metadata: { name }, webhooks: [{ ...common, ...hook }] };
  expect((await ask('POST', `${HOOKS}/${kind}webhookconfigurations`, body)).message).toBeUndefined();
}

const forget = (kind: 'validating' | 'mutating', name: string) =>
  ask('DELETE', `${HOOKS}/${kind}webhookconfigurations/${name}`);

const makeMap = (data: object, name = `m-${crypto.randomUUID()}`) =>
  ask('POST', `${CORE}/configmaps`, { metadata: { name }, data });

/** What a write says that such a webhook fails. `ca`: who may have signed, none where it is empty. */
async function whyNot(name: string, { ca = authority.certificate, path = '/configmaps' } = {}): Promise<string> {
  const config = clientConfig(name, path, ca === '' ? undefined : ca);
  await configure('validating', 'why', { clientConfig: config, timeoutSeconds: 3, rules: [rule(['configmaps'])] });
  const { message } = await makeMap({});
  await forget('validating', 'why');
  return message?.split(/\?timeout=3s": /)[1] ?? message;
}

/** Lets the cluster's time go on until an answer is there. */
async function waited<T>(answer: Promise<T>): Promise<T> {
  let isThere = false;
  void answer.finally(() => {
    isThere = true;
  });
  while (!isThere) await cluster.advance(STEP_MS);
  return answer;
}

beforeAll(async () => {
  cluster = await makeInProcess({ nodes: 2 });
  authority = await createAuthority({ commonName: 'hooks-ca', now: cluster.now, years: 10 });
  await deploy('hook', ['webhook']);
});

afterAll(() => cluster.close());

describe('an admission webhook in a pod', () => {
  it('refuses, and lets pass, what it is asked about', async () => {
    await configure('validating', 'maps', {
      clientConfig: trusted('hook', '/configmaps'),
      rules: [rule(['configmaps'])],
    });
    expect((await makeMap({ 'webhook-e2e-test': 'webhook-disallow' })).message).toBe(
      'admission webhook "maps.example.org" denied the request: the configmap contains unwanted key and value',
    );
    expect((await makeMap({ 'webhook-e2e-test': 'webhook-nondeletable' }, 'kept')).kind).toBe('ConfigMap');
    expect((await ask('DELETE', `${CORE}/configmaps/kept`)).message).toContain('cannot be deleted because');
    await forget('validating', 'maps');
    expect((await ask('DELETE', `${CORE}/configmaps/kept`)).status).toBe('Success');
  });

  it('changes what is made, each as far as it goes, and writes of it in its log', async () => {
    for (const name of ['first', 'second'])
      await configure('mutating', name, {
        clientConfig: trusted('hook', '/mutating-configmaps'),
        rules: [rule(['configmaps'], ['CREATE'])],
      });
    expect((await makeMap({ 'mutation-start': 'yes' })).data).toEqual({
      'mutation-start': 'yes',
      'mutation-stage-1': 'yes',
      'mutation-stage-2': 'yes',
    });
    for (const name of ['first', 'second']) await forget('mutating', name);
    const headers = { authorization: `Bearer ${cluster.token}` };
    const log = await cluster.handle(new Request(`https://cluster${CORE}/pods/hook/log`, { headers }));
    expect(await log.text()).toContain('handling request: {"kind":"AdmissionReview"');
  });

  it('adds labels, init containers and sidecars', async () => {
    const made = async (path: string, object: object): Promise<LooseObject> => {
      await configure('mutating', 'pods', { clientConfig: trusted('hook', path), rules: [rule(['pods'])] });
      const pod = await ask('POST', `${CORE}/pods?dryRun=All`, object);
      await forget('mutating', 'pods');
      return pod;
    };
    const pod = (name: string, labels?: object) => ({
      metadata: { name, labels },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    });
    expect((await made('/add-label', pod('a'))).metadata.labels).toEqual({ 'added-label': 'yes' });
    const labels = { a: 'b', 'added-label': 'no' };
    expect((await made('/add-label', pod('a', labels))).metadata.labels).toEqual({ ...labels, 'added-label': 'yes' });
    const { initContainers } = (await made('/mutating-pods', pod('webhook-to-be-mutated'))).spec;
    expect(initContainers).toMatchObject([{ name: 'webhook-added-init-container', imagePullPolicy: 'Always' }]);
    expect((await made('/mutating-pods', pod('other'))).spec.initContainers).toBeUndefined();
    expect((await made('/mutating-pods-sidecar', pod('a'))).message).toContain('No image specified by');
  });

  it('is not waited for beyond its timeout, by the clock of the cluster', async () => {
    const slow = { clientConfig: trusted('hook', '/always-allow-delay-5s'), rules: [rule(['configmaps'])] };
    for (const [timeoutSeconds, expected] of [
      [4, 'context deadline exceeded'],
      [6, undefined],
    ] as const) {
      await configure('validating', 'slow', { ...slow, timeoutSeconds });
      const { message } = await waited(makeMap({}));
      if (expected === undefined) expect(message).toBeUndefined();
      else expect(message).toContain(`?timeout=${timeoutSeconds}s": ${expected}`);
      await forget('validating', 'slow');
    }
  });

  it('is not asked by who does not trust it', async () => {
    const verify = 'tls: failed to verify certificate: x509: ';
    const stranger = await createAuthority({ commonName: 'hooks-ca', now: cluster.now, years: 1 });
    expect(await whyNot('hook', { ca: '' })).toBe(`${verify}certificate signed by unknown authority`);
    expect(await whyNot('hook', { ca: stranger.certificate })).toBe(
      `${verify}certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "hooks-ca")`,
    );
    await ask('POST', `${CORE}/services`, {
      metadata: { name: 'alias' },
      spec: { selector: { app: 'hook' }, ports: [{ port: 443, targetPort: PORT }] },
    });
    await cluster.advance(0);
    expect(await whyNot('alias')).toBe(`${verify}certificate is valid for hook.default.svc, not alias.default.svc`);
  });

  it('fails where nothing listens, where nothing speaks TLS, and where packets are lost', async () => {
    const { clusterIP } = (
      await ask('POST', `${CORE}/services`, { metadata: { name: 'empty' }, spec: { ports: [{ port: 443 }] } })
    ).spec;
    await cluster.advance(0);
    expect(await whyNot('empty')).toBe(`dial tcp ${clusterIP}:443: connect: connection refused`);
    await deploy('plain', ['netexec', `--http-port=${PORT}`]);
    expect(await whyNot('plain')).toBe('http: server gave HTTP response to HTTPS client');
    await ask('POST', '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies', {
      metadata: { name: 'closed' },
      spec: { podSelector: { matchLabels: { app: 'hook' } }, policyTypes: ['Ingress'], ingress: [] },
    });
    await cluster.advance(0);
    expect(await waited(whyNot('hook'))).toBe('context deadline exceeded');
    await ask('DELETE', '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies/closed');
    await cluster.advance(0);
    expect(await whyNot('hook', { path: '/nowhere' })).toContain('the server could not find the requested resource');
  });

  it('is asked about what the cluster’s own components write', async () => {
    await configure('mutating', 'own', { clientConfig: trusted('hook', '/add-label'), rules: [rule(['pods'])] });
    const template = {
      metadata: { labels: { app: 'own' } },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    };
    const spec = { replicas: 2, selector: { matchLabels: { app: 'own' } }, template };
    await ask('POST', '/apis/apps/v1/namespaces/default/replicasets', { metadata: { name: 'own' }, spec });
    await cluster.advance(2_000);
    const { items } = await ask('GET', `${CORE}/pods?labelSelector=app=own`);
    expect(items.map(({ metadata }: LooseObject) => metadata.labels)).toEqual([
      { app: 'own', 'added-label': 'yes' },
      { app: 'own', 'added-label': 'yes' },
    ]);
    await forget('mutating', 'own');
  });
});

it('converts custom resources by a webhook in a pod', async () => {
  await deploy('converter', ['crd-conversion-webhook']);
  const version = (name: string, fields: string[]) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: Object.fromEntries(fields.map((field) => [field, { type: 'string' }])),
      },
    },
  });
  await ask('POST', CRDS, {
    metadata: { name: 'places.stable.example.com' },
    spec: {
      group: 'stable.example.com',
      scope: 'Namespaced',
      names: { plural: 'places', singular: 'place', kind: 'Place', listKind: 'PlaceList' },
      versions: [version('v1', ['hostPort']), version('v2', ['host', 'port'])],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: trusted('converter', '/crdconvert'), conversionReviewVersions: ['v1'] },
      },
    },
  });
  await cluster.advance(1_000);
  const places = (of: string): string => `/apis/stable.example.com/${of}/namespaces/default/places`;
  const typed = (of: string) => ({ apiVersion: `stable.example.com/${of}`, kind: 'Place' });
  await ask('POST', places('v1'), { ...typed('v1'), metadata: { name: 'a' }, hostPort: 'here:80' });
  expect(await ask('GET', `${places('v2')}/a`)).toMatchObject({ host: 'here', port: '80' });
  await ask('POST', places('v2'), { ...typed('v2'), metadata: { name: 'b' }, host: 'there', port: '81' });
  expect((await ask('GET', places('v1'))).items).toMatchObject([{ hostPort: 'here:80' }, { hostPort: 'there:81' }]);
  const wrong = { ...typed('v1'), metadata: { name: 'c' }, hostPort: 'nowhere' };
  await ask('POST', places('v1'), wrong);
  expect((await ask('GET', `${places('v2')}/c`)).message).toContain('invalid hostPort value `nowhere`');
});
