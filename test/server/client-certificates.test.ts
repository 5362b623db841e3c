/** Clients that are known by a certificate of the cluster's own authority, at the local server's door with TLS. */
import { createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueCertificate } from '../../scripts/local/certificates.ts';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { CLIENT_AUTHORITY, createAuthority, newKey } from '../../src/resources/certificates/x509/authority.ts';
import { der, integer, oid, sequence, text } from '../../src/resources/certificates/x509/der-write.ts';
import { pem } from '../../src/resources/certificates/x509/pem.ts';

const folder = mkdtempSync(join(tmpdir(), 'diorama-certificates-'));
let server: LocalServer;
let cluster: { id: string; token: string };
let issued: { key: string; cert: string };

const api = async (path: string, init: { method?: string; body?: unknown } = {}): Promise<any> => {
  const answer = await fetch(`${server.url}/clusters/${cluster.id}${path}`, {
    method: init.method ?? 'GET',
    headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
  return answer.json();
};

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

const ORGANIZATION = [0x55, 0x04, 0x0a];
const COMMON_NAME = [0x55, 0x04, 0x03];
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/** A request as openssl makes it, and its key. */
async function requestFor(user: string, groups: string[]): Promise<{ key: string; csr: string }> {
  const { spki, privateKey: key } = await newKey();
  const part = (type: number[], value: string) => der(0x31, sequence(oid(type), text(value)));
  const subject = sequence(...groups.map((group) => part(ORGANIZATION, group)), part(COMMON_NAME, user));
  const info = sequence(integer(new Uint8Array([0])), subject, spki, der(0xa0));
  const signature = sign('sha256', info, createPrivateKey(key));
  const whole = sequence(info, sequence(oid(ECDSA_WITH_SHA256)), der(0x03, [0], new Uint8Array(signature)));
  return { key, csr: pem('CERTIFICATE REQUEST', whole) };
}

/** What `kubectl certificate approve` brings about. */
async function certificateFor(name: string, groups: string[] = []): Promise<{ key: string; cert: string }> {
  const { key, csr } = await requestFor(name, groups);
  const made = await api(CSRS, {
    method: 'POST',
    body: {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name },
      spec: {
        request: btoa(csr),
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth'],
      },
    },
  });
  const approved = { type: 'Approved', status: 'True', reason: 'Tested', message: 'by a test' };
  made.status = { conditions: [approved] };
  await api(`${CSRS}/${name}/approval`, { method: 'PUT', body: made });
  for (let attempt = 0; attempt < 50; attempt++) {
    const { certificate } = (await api(`${CSRS}/${name}`)).status;
    if (certificate) return { key, cert: atob(certificate) };
    await new Promise((fulfil) => setTimeout(fulfil, 100));
  }
  throw new Error('the request was not signed');
}

type Shown = { key?: string; cert?: string; headers?: Record<string, string>; method?: string; body?: string };

const overTls = (path: string, { body, ...shown }: Shown): Promise<{ status: number; body: string }> =>
  new Promise((fulfil, reject) => {
    const asked = httpsRequest(`${server.httpsUrl}${path}`, { ca: server.ca, agent: false, ...shown }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += chunk));
      answer.on('end', () => fulfil({ status: answer.statusCode!, body: text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });

const REVIEW = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const whoAmI = async (shown: Shown): Promise<any> => {
  const headers = { 'content-type': 'application/json', ...shown.headers };
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
  const answer = await overTls(`/clusters/${cluster.id}${REVIEW}`, { ...shown, method: 'POST', headers, body });
  return answer.status === 201 ? JSON.parse(answer.body).status.userInfo : answer.status;
};

beforeAll(async () => {
  server = await startServer({ stateDir: join(folder, 'state') });
  const made = await fetch(`${server.url}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ nodes: 0 }),
  });
  cluster = (await made.json()) as typeof cluster;
  issued = await certificateFor('ann', ['team', 'web']);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('are known by its name and its organizations', async () => {
  expect(await whoAmI(issued)).toEqual({
    username: 'ann',
    groups: ['team', 'web', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
  });
});

it('may do what they are bound to', async () => {
  const pods = `/clusters/${cluster.id}/api/v1/namespaces/default/pods`;
  expect((await overTls(pods, issued)).status).toBe(403);
  await api('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    method: 'POST',
    body: {
      metadata: { name: 'team' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'team' }],
    },
  });
  expect((await overTls(pods, issued)).status).toBe(200);
});

it('watch through the door', async () => {
  const path = `/clusters/${cluster.id}/api/v1/namespaces/default/configmaps?watch=true`;
  await api('/api/v1/namespaces/default/configmaps', { method: 'POST', body: { metadata: { name: 'seen' } } });
  const seen = await new Promise<string>((fulfil, reject) => {
    const asked = get(`${server.httpsUrl}${path}`, { ca: server.ca, agent: false, ...issued }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
        if (!text.includes('"seen"')) return;
        asked.destroy();
        fulfil(text);
      });
    });
    asked.on('error', reject);
  });
  expect(seen).toMatch(/^\{"type":"ADDED"/);
});

it('watch over a WebSocket through the door', async () => {
  const path = `/clusters/${cluster.id}/api/v1/namespaces/default/configmaps?watch=true`;
  const key = Buffer.alloc(16).toString('base64');
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
  };
  const seen = await new Promise<string>((fulfil, reject) => {
    const asked = httpsRequest(`${server.httpsUrl}${path}`, { ca: server.ca, agent: false, headers, ...issued });
    asked.on('upgrade', (_, socket, head) => {
      let text = head.toString('latin1');
      const look = () => {
        if (!text.includes('"seen"')) return;
        socket.destroy();
        fulfil(text);
      };
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        look();
      });
      look();
    });
    asked.on('response', ({ statusCode }) => reject(new Error(`not upgraded: ${statusCode}`)));
    asked.on('error', reject);
    asked.end();
  });
  expect(seen).toContain('{"type":"ADDED"');
});

it('may come with a token instead, or with nothing', async () => {
  expect(await whoAmI({ headers: { authorization: `Bearer ${cluster.token}` } })).toMatchObject({ username: 'admin' });
  expect(await whoAmI({})).toBe(403);
});

it('are not who they say by a certificate of another authority, whatever its name, or for servers', async () => {
  const other = await createAuthority({ commonName: CLIENT_AUTHORITY, now: Date.now(), years: 1 });
  const { certificate: cert, privateKey: key } = await issueCertificate(other, {
    commonName: 'ann',
    hosts: [],
    now: Date.now(),
    years: 1,
  });
  expect(await whoAmI({ key, cert })).toBe(401);
  expect(await whoAmI({ key, cert, headers: { authorization: `Bearer ${cluster.token}` } })).toMatchObject({
    username: 'admin',
  });
});

it('cannot say in a header who they are', async () => {
  const der = Buffer.from(issued.cert.replaceAll(/-----.*-----|\s/g, ''), 'base64').toString('base64');
  const headers = { 'x-diorama-certificate': der, 'x-diorama-peer': '192.0.2.1:1' };
  expect(await whoAmI({ headers })).toBe(403);
  const plain = await fetch(`${server.url}/clusters/${cluster.id}${REVIEW}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
  });
  expect(plain.status).toBe(403);
  const other = await certificateFor('bob');
  expect(await whoAmI({ ...other, headers })).toMatchObject({ username: 'bob' });
});
