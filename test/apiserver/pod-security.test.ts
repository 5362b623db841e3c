/** Pod Security labels of namespaces. Source: k8s.io/pod-security-admission. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MERGE_PATCH, openCluster, STRATEGIC_PATCH } from './calls.ts';

const { call, close } = await openCluster('admission');
afterAll(close);

const LABEL = 'pod-security.kubernetes.io/';
const label = (name: string, labels: Record<string, string | null>) =>
  call('PATCH', `/api/v1/namespaces/${name}`, { metadata: { labels } }, MERGE_PATCH);
const namespace = (name: string, labels: Record<string, string> = {}) =>
  call('POST', '/api/v1/namespaces', { metadata: { name, labels } });
const pod = (name: string, spec: Record<string, unknown> = {}, container: Record<string, unknown> = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', ...container }], ...spec },
});
const warnings = (headers: Headers): string[] =>
  [...(headers.get('warning') ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]!.replaceAll('\\"', '"'));

beforeAll(async () => {
  await namespace('plain');
});

it.each([
  [{ [`${LABEL}enforce`]: 'zzz' }, 'enforce]: Invalid value: "zzz": must be one of privileged, baseline, restricted'],
  [{ [`${LABEL}audit`]: '' }, 'audit]: Invalid value: "": must be one of privileged, baseline, restricted'],
  [{ [`${LABEL}warn-version`]: '1.30' }, 'warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"'],
  [{ [`${LABEL}enforce-version`]: 'v1.01' }, 'enforce-version]: Invalid value: "v1.01": must be "latest" or "v1.x"'],
])('refuses labels that mean nothing: %j', async (labels, words) => {
  const message = `is invalid: metadata.labels[${LABEL}${words}`;
  for (const answer of [await label('plain', labels), await namespace('wrong', labels)])
    expect([answer.status, answer.body.reason, answer.body.message]).toEqual([
      422,
      'Invalid',
      expect.stringContaining(message),
    ]);
  expect((await call('GET', '/api/v1/namespaces/wrong')).status).toBe(404);
});

it('warns of pods that a new level would not allow', async () => {
  await namespace('busy');
  expect((await call('GET', '/api/v1/namespaces/busy/serviceaccounts/default')).status).toBe(200);
  for (const [name, spec, container] of [
    ['b', { hostNetwork: true }, {}],
    ['a', { hostNetwork: true }, {}],
    ['p', {}, { securityContext: { privileged: true } }],
    ['fine', {}, {}],
  ] as const)
    expect((await call('POST', '/api/v1/namespaces/busy/pods', pod(name, spec, container))).status).toBe(201);
  const { status, headers } = await label('busy', { [`${LABEL}enforce`]: 'baseline' });
  expect(status).toBe(200);
  expect(warnings(headers)).toEqual([
    'existing pods in namespace "busy" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 1 other pod): host namespaces',
    'p: privileged',
  ]);
  // What is not stricter needs no second look.
  expect(warnings((await label('busy', { other: 'label' })).headers)).toEqual([]);
  expect(warnings((await label('busy', { [`${LABEL}enforce`]: 'privileged' })).headers)).toEqual([]);
});

it('nobody is warned of less than is enforced', async () => {
  await namespace('strict', { [`${LABEL}enforce`]: 'restricted' });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { selector: { matchLabels: { a: 'b' } }, template };
  const { headers } = await call('POST', '/apis/apps/v1/namespaces/strict/deployments', {
    metadata: { name: 'd' },
    spec,
  });
  expect(warnings(headers)).toEqual([
    expect.stringMatching(/^would violate PodSecurity "restricted:latest": allowPriv/),
  ]);
});

it('the standards are those of the version that is named', async () => {
  await namespace('old', { [`${LABEL}enforce`]: 'baseline', [`${LABEL}enforce-version`]: 'v1.33' });
  await namespace('new', { [`${LABEL}enforce`]: 'baseline' });
  const probing = (name: string) => pod(name, {}, { livenessProbe: { httpGet: { host: 'h', port: 80 } } });
  expect((await call('POST', '/api/v1/namespaces/old/pods', probing('p'))).status).toBe(201);
  const { status, body } = await call('POST', '/api/v1/namespaces/new/pods', probing('p'));
  expect([status, body.message]).toEqual([
    403,
    'pods "p" is forbidden: violates PodSecurity "baseline:latest": probe or lifecycle host (container "c" uses probe or lifecycle host "h")',
  ]);
});

it('a new image is looked at again', async () => {
  await namespace('later');
  expect((await call('POST', '/api/v1/namespaces/later/pods', pod('p', { hostNetwork: true }))).status).toBe(201);
  await label('later', { [`${LABEL}enforce`]: 'baseline' });
  const patch = (body: unknown) => call('PATCH', '/api/v1/namespaces/later/pods/p', body, STRATEGIC_PATCH);
  expect((await patch({ metadata: { labels: { a: 'b' } } })).status).toBe(200);
  expect((await patch({ spec: { containers: [{ name: 'c', image: 'j' }] } })).body.message).toContain(
    'violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
  );
});
