/** Service account tokens as clients use them: what they say, whom they are for, and when they end. */

import { describe, expect, it } from 'vitest';
import { MAX_REMEMBERED_ACCESSES, TOKEN_MEMORY_MS } from '../../src/apiserver/gate.ts';
import { MAX_TOKEN_SECONDS, MIN_TOKEN_SECONDS } from '../../src/apiserver/identity/token-request.ts';
import { MAX_AGE_SECONDS } from '../../src/apiserver/non-resource/issuer-discovery.ts';
import { type ContractCluster, createContractCluster } from '../contract/cluster.ts';

const AUDIENCE = 'https://kubernetes.default.svc.cluster.local';
const ISSUER = `${AUDIENCE}/clusters/contract`;
const NS = '/api/v1/namespaces/default';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';

const PATHS = ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/version', '/openapi/v3', '/livez'];

class Client {
  readonly cluster: ContractCluster;
  constructor(cluster: ContractCluster) {
    this.cluster = cluster;
  }

  async call(method: string, path: string, body?: unknown, token?: string): Promise<{ status: number; body: any }> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await this.cluster.fetch(method, path, headers, body);
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  account = (name: string) => this.call('POST', `${NS}/serviceaccounts`, { metadata: { name } });
  pod = (name: string, serviceAccountName: string, more: object = {}) =>
    this.call('POST', `${NS}/pods`, {
      metadata: { name },
      spec: {
        containers: [{ name: 'c', image: 'app' }],
        serviceAccountName,
        terminationGracePeriodSeconds: 0,
        ...more,
      },
    });
  request = (account: string, spec: object = {}, metadata: object = {}) =>
    this.call('POST', `${NS}/serviceaccounts/${account}/token`, { metadata, spec });
  async token(account: string, spec: object = {}): Promise<string> {
    const { status, body } = await this.request(account, spec);
    expect({ status, message: body.message }).toEqual({ status: 201 });
    return body.status.token;
  }
  #used = 0;
  /** The status of a request that every account may make; another one each time, for what was granted is remembered. */
  async use(token: string, path = PATHS[this.#used++ % PATHS.length]!): Promise<number> {
    return (await this.call('GET', path, undefined, token)).status;
  }
  remove = (path: string) => this.call('DELETE', `${NS}/${path}`);
  review = async (token: string, audiences?: string[]) =>
    (await this.call('POST', REVIEWS, { spec: { token, ...(audiences ? { audiences } : {}) } })).body.status;
}

async function withClient(use: (client: Client) => Promise<void>): Promise<void> {
  const cluster = await createContractCluster('auth');
  try {
    await cluster.advance(1000);
    await use(new Client(cluster));
  } finally {
    cluster.close();
  }
}

const decode = (token: string): [any, any] =>
  token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString())) as [any, any];

describe('a token', () => {
  it('is an RS256 JWT that the published keys verify, with an id of its own', () =>
    withClient(async (client) => {
      await client.account('dev');
      const [first, second] = await Promise.all([client.token('dev'), client.token('dev')]);
      const [header, claims] = decode(first);
      const { body: keys } = await client.call('GET', '/openid/v1/jwks');
      expect(header).toEqual({ alg: 'RS256', kid: keys.keys[0].kid });
      expect(keys.keys[0]).toMatchObject({ use: 'sig', kty: 'RSA', alg: 'RS256', e: 'AQAB' });
      expect(keys.keys[0]).not.toHaveProperty('d');
      const key = await crypto.subtle.importKey(
        'jwk',
        keys.keys[0],
        { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
        false,
        ['verify'],
      );
      const dot = first.lastIndexOf('.');
      const signature = Buffer.from(first.slice(dot + 1), 'base64url');
      expect(await crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, Buffer.from(first.slice(0, dot)))).toBe(
        true,
      );
      expect(claims).toMatchObject({
        iss: ISSUER,
        aud: [AUDIENCE],
        sub: 'system:serviceaccount:default:dev',
        exp: claims.iat + 3600,
        nbf: claims.iat,
        'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'dev' } },
      });
      expect(decode(second)[1].jti).not.toBe(claims.jti);
    }));

  it('of a pod names its node, and lasts a year when an old client asks', () =>
    withClient(async (client) => {
      await client.account('dev');
      await client.call('POST', '/api/v1/nodes', { metadata: { name: 'n1' } });
      await client.pod('p', 'dev', { nodeName: 'n1' });
      await client.pod('q', 'dev', { nodeName: 'missing' });
      const boundTo = (name: string) => ({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name } });
      const [, claims] = decode(await client.token('dev', { ...boundTo('p'), expirationSeconds: 3607 }));
      expect(claims['kubernetes.io']).toMatchObject({
        pod: { name: 'p' },
        node: { name: 'n1', uid: expect.any(String) },
      });
      expect(claims['kubernetes.io'].warnafter - claims.iat).toBe(3607);
      expect(claims.exp - claims.iat).toBe(365 * 24 * 3600);
      const [, other] = decode(await client.token('dev', { ...boundTo('q'), expirationSeconds: 3606 }));
      expect(other['kubernetes.io'].node).toEqual({ name: 'missing' });
      expect(other['kubernetes.io'].warnafter).toBeUndefined();
      expect(other.exp - other.iat).toBe(3606);
    }));

  it('ends with its account, which one of the same name does not bring back', () =>
    withClient(async (client) => {
      await client.account('dev');
      const token = await client.token('dev');
      expect(await client.use(token)).toBe(200);
      await client.remove('serviceaccounts/dev');
      expect(await client.use(token)).toBe(401);
      await client.account('dev');
      expect(await client.use(token)).toBe(401);
      expect(await client.use(await client.token('dev'))).toBe(200);
    }));

  it('ends with the pod, the secret or the node that it is bound to, and with no other', () =>
    withClient(async (client) => {
      await client.account('dev');
      await client.pod('p', 'dev');
      await client.call('POST', `${NS}/secrets`, { metadata: { name: 's' } });
      await client.call('POST', '/api/v1/nodes', { metadata: { name: 'n' } });
      const bound = (kind: string, name: string) =>
        client.token('dev', { boundObjectRef: { apiVersion: 'v1', kind, name } });
      const paths = { Pod: [`${NS}/pods/p`, 'p'], Secret: [`${NS}/secrets/s`, 's'], Node: ['/api/v1/nodes/n', 'n'] };
      const tokens = Object.fromEntries(
        await Promise.all(Object.entries(paths).map(async ([kind, [, name]]) => [kind, await bound(kind, name!)])),
      );
      for (const [kind, [path]] of Object.entries(paths)) {
        expect({ kind, before: await client.use(tokens[kind]) }).toEqual({ kind, before: 200 });
        await client.call('DELETE', path!);
        expect({ kind, after: await client.use(tokens[kind]) }).toEqual({ kind, after: 401 });
        expect((await client.review(tokens[kind])).error).toBe(
          '[invalid bearer token, service account token has been invalidated]',
        );
      }
      await client.call('POST', `${NS}/secrets`, { metadata: { name: 's' } });
      expect(await client.use(tokens.Secret)).toBe(401);
    }));

  it('is remembered for the same access as long as the real server does, and no longer', () =>
    withClient(async (client) => {
      await client.account('dev');
      const token = await client.token('dev');
      const path = '/apis/batch/v1';
      expect(await client.use(token, path)).toBe(200);
      await client.remove('serviceaccounts/dev');
      expect(await client.use(token, path)).toBe(200);
      await client.cluster.advance(TOKEN_MEMORY_MS - 100);
      expect(await client.use(token, path)).toBe(200);
      await client.cluster.advance(100);
      expect(await client.use(token, path)).toBe(401);
    }));

  it('is remembered for so many accesses, those of the longest ago not', () =>
    withClient(async (client) => {
      for (const name of ['gone', 'other']) await client.account(name);
      const [gone, other] = [await client.token('gone'), await client.token('other')];
      const others = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) expect(await client.use(other, `/apis/none-${i}`)).toBe(404);
      };
      const [first, last] = ['/apis/batch/v1', '/apis/apps/v1'];
      for (const path of [first, last]) expect(await client.use(gone, path)).toBe(200);
      await client.remove('serviceaccounts/gone');
      await others(MAX_REMEMBERED_ACCESSES - 1);
      expect(await client.use(gone, last)).toBe(200);
      expect(await client.use(gone, first)).toBe(401);
    }));

  it('expires a minute after it says, and is for nobody else', () =>
    withClient(async (client) => {
      await client.account('dev');
      const token = await client.token('dev', { expirationSeconds: 600 });
      const other = await client.token('dev', { audiences: ['vault'] });
      expect(await client.use(other)).toBe(401);
      await client.cluster.advance(655_000);
      expect(await client.use(token)).toBe(200);
      await client.cluster.advance(10_000);
      expect(await client.use(token)).toBe(401);
      expect((await client.review(token)).error).toBe('[invalid bearer token, service account token has expired]');
    }));

  it('that was not signed here is nobody’s', () =>
    withClient(async (client) => {
      await client.account('dev');
      const token = await client.token('dev');
      const [header, claims] = decode(token);
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const [, , signature] = token.split('.');
      const forged = {
        'no signature': `${part({ alg: 'none' })}.${part(claims)}.`,
        'another name': `${part(header)}.${part({ ...claims, sub: 'system:serviceaccount:kube-system:default' })}.${signature}`,
        'another key': `${part({ ...header, kid: 'x' })}.${part(claims)}.${signature}`,
        'a shared secret': `${part({ alg: 'HS256', kid: header.kid })}.${part(claims)}.${signature}`,
      };
      for (const [how, text] of Object.entries(forged))
        expect({ how, status: await client.use(text) }).toEqual({ how, status: 401 });
    }));
});

describe('a Secret for a token', () => {
  const secret = (name: string, account: string, more: object = {}) => ({
    metadata: { name, annotations: { 'kubernetes.io/service-account.name': account, ...more } },
    type: 'kubernetes.io/service-account-token',
  });
  const read = async (client: Client, name: string) => client.call('GET', `${NS}/secrets/${name}`);
  const decoded = (text: string) => Buffer.from(text, 'base64').toString();

  it('is filled, and its token works until the Secret or the account goes', () =>
    withClient(async (client) => {
      const { body: account } = await client.account('dev');
      for (const name of ['one', 'two']) await client.call('POST', `${NS}/secrets`, secret(name, 'dev'));
      const { body } = await read(client, 'one');
      expect(Object.keys(body.data).sort()).toEqual(['ca.crt', 'namespace', 'token']);
      expect(decoded(body.data.namespace)).toBe('default');
      expect(body.metadata.annotations['kubernetes.io/service-account.uid']).toBe(account.metadata.uid);
      const token = decoded(body.data.token);
      expect(decode(token)[1]).toEqual({
        iss: 'kubernetes/serviceaccount',
        'kubernetes.io/serviceaccount/namespace': 'default',
        'kubernetes.io/serviceaccount/secret.name': 'one',
        'kubernetes.io/serviceaccount/service-account.name': 'dev',
        'kubernetes.io/serviceaccount/service-account.uid': account.metadata.uid,
        sub: 'system:serviceaccount:default:dev',
      });
      const other = decoded((await read(client, 'two')).body.data.token);
      expect([await client.use(token, '/api'), await client.use(other, '/api')]).toEqual([200, 200]);
      expect((await read(client, 'one')).body.metadata.labels).toEqual({
        'kubernetes.io/legacy-token-last-used': '2026-01-05',
      });
      await client.remove('secrets/one');
      // Not even the same access is remembered.
      expect([await client.use(token, '/api'), await client.use(other, '/api')]).toEqual([401, 200]);
      expect((await client.review(token)).error).toBe('[invalid bearer token, Token has been invalidated]');
      await client.remove('serviceaccounts/dev');
      expect(await client.use(other, '/api')).toBe(401);
      expect((await read(client, 'two')).status).toBe(404);
    }));

  it('goes when its account is not there, or is another of the same name', () =>
    withClient(async (client) => {
      const { body: account } = await client.account('dev');
      const uid = { 'kubernetes.io/service-account.uid': account.metadata.uid };
      await client.call('POST', `${NS}/secrets`, secret('lost', 'nobody'));
      await client.call('POST', `${NS}/secrets`, secret('other', 'dev', { 'kubernetes.io/service-account.uid': 'x' }));
      await client.call('POST', `${NS}/secrets`, secret('own', 'dev', uid));
      const found = await Promise.all(['lost', 'other', 'own'].map((name) => read(client, name)));
      expect(found.map(({ status }) => status)).toEqual([404, 404, 200]);
    }));

  it('gets back what is taken out of it, and its account forgets it when it goes', () =>
    withClient(async (client) => {
      await client.account('dev');
      await client.call('POST', `${NS}/secrets`, secret('s', 'dev'));
      const { data } = (await read(client, 's')).body;
      const patch = (path: string, body: object) =>
        client.cluster.fetch('PATCH', `${NS}/${path}`, { 'content-type': 'application/merge-patch+json' }, body);
      await patch('secrets/s', { data: { token: null, 'ca.crt': btoa('x') } });
      expect((await read(client, 's')).body.data).toEqual(data);
      await patch('serviceaccounts/dev', { secrets: [{ name: 's' }, { name: 't' }] });
      await client.remove('secrets/s');
      expect((await client.call('GET', `${NS}/serviceaccounts/dev`)).body.secrets).toEqual([{ name: 't' }]);
    }));
});

describe('a token request', () => {
  it('refuses what it cannot bind, and lifetimes out of bounds', () =>
    withClient(async (client) => {
      for (const name of ['dev', 'ops']) await client.account(name);
      await client.pod('p', 'dev');
      const refused = async (spec: object, metadata: object = {}, account = 'dev') => {
        const { status, body } = await client.request(account, spec, metadata);
        return `${status} ${body.message ?? ''}`;
      };
      const ref = { apiVersion: 'v1', kind: 'Pod', name: 'p' };
      expect(await refused({ boundObjectRef: { ...ref, name: 'q' } })).toBe('404 pods "q" not found');
      expect(await refused({ boundObjectRef: { ...ref, uid: 'x' } })).toBe(
        '409 Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated',
      );
      expect(await refused({ boundObjectRef: ref }, {}, 'ops')).toBe(
        '400 cannot bind token for serviceaccount "ops" to pod running with different serviceaccount name.',
      );
      expect(await refused({ boundObjectRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } })).toBe(
        '400 cannot bind token to object of type apps/v1, Kind=Deployment',
      );
      expect(await refused({}, { uid: 'x' })).toMatch(/^409 .*the UID in the token request \(x\) does not match/);
      expect(await refused({}, { name: 'ops' })).toMatch(/^422 .*must match the service account name if specified/);
      expect(await refused({ expirationSeconds: MIN_TOKEN_SECONDS - 1 })).toMatch(/^422 .*less than 10 minutes/);
      expect(await refused({ expirationSeconds: 0 })).toMatch(/^422 .*less than 10 minutes/);
      expect(await refused({ expirationSeconds: MIN_TOKEN_SECONDS })).toBe('201 ');
      expect(await refused({ expirationSeconds: MAX_TOKEN_SECONDS })).toBe('201 ');
      expect(await refused({ expirationSeconds: MAX_TOKEN_SECONDS + 1 })).toMatch(/^422 .*larger than 2\^32 seconds/);
    }));
});

describe('a token review', () => {
  it('answers for the audiences that it is asked for', () =>
    withClient(async (client) => {
      await client.account('dev');
      const [own, vault] = [await client.token('dev'), await client.token('dev', { audiences: ['vault', 'db'] })];
      expect(await client.review(own)).toMatchObject({ authenticated: true, audiences: [AUDIENCE] });
      expect(await client.review(own, ['vault'])).toEqual({
        error: `[invalid bearer token, token audiences ["${AUDIENCE}"] is invalid for the target audiences ["vault"]]`,
        user: {},
      });
      expect(await client.review(vault)).not.toHaveProperty('authenticated');
      expect(await client.review(vault, ['db', 'other'])).toMatchObject({
        authenticated: true,
        audiences: ['db'],
        user: { username: 'system:serviceaccount:default:dev' },
      });
      expect(await client.review('contract-admin')).toMatchObject({ authenticated: true, audiences: [AUDIENCE] });
      expect(await client.review('contract-admin', ['vault'])).toEqual({ error: 'invalid bearer token', user: {} });
    }));
});

describe('the issuer', () => {
  it('is described to service accounts, and to nobody without a name', () =>
    withClient(async (client) => {
      await client.account('dev');
      const token = await client.token('dev');
      for (const path of ['/.well-known/openid-configuration', '/openid/v1/jwks']) {
        expect((await client.call('GET', path, undefined, token)).status).toBe(200);
        expect((await client.cluster.fetch('GET', path, { authorization: null }, undefined)).status).toBe(403);
      }
      const response = await client.cluster.fetch('GET', '/.well-known/openid-configuration', {}, undefined);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'application/json',
        'cache-control': `public, max-age=${MAX_AGE_SECONDS}`,
      });
      expect(await response.json()).toEqual({
        issuer: ISSUER,
        jwks_uri: 'https://cluster/openid/v1/jwks',
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    }));

  it('is only ever read', () =>
    withClient(async ({ cluster }) => {
      for (const path of ['/.well-known/openid-configuration', '/openid/v1/jwks'])
        for (const method of ['POST', 'DELETE', 'HEAD'])
          expect((await cluster.fetch(method, path, {}, undefined)).status, method).toBe(405);
    }));
});

describe('a rules review', () => {
  it('says each rule once, and which binding cannot be followed', () =>
    withClient(async (client) => {
      const review = async () =>
        (
          await client.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
            spec: { namespace: 'default' },
          })
        ).body.status;
      const { resourceRules, nonResourceRules } = await review();
      const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
      expect(resourceRules.filter((rule: object) => JSON.stringify(rule) === JSON.stringify(all))).toHaveLength(1);
      expect(nonResourceRules.filter((rule: any) => rule.nonResourceURLs.includes('*'))).toHaveLength(1);
      await client.call('POST', `${RBAC}/clusterrolebindings`, {
        metadata: { name: 'lost' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'none' },
        subjects: [{ kind: 'Group', name: 'system:authenticated' }],
      });
      expect((await review()).evaluationError).toBe('clusterrole.rbac.authorization.k8s.io "none" not found');
    }));
});
