/** Certificates of clients and kubelets, trust bundles and pods' certificate requests, as clients meet them. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MAX_TRUST_BUNDLE_BYTES } from '../../src/resources/certificates/cluster-trust-bundle.ts';
import {
  KUBERNETES_MAX_EXPIRATION_SECONDS,
  MAX_CHAIN_BYTES,
  MAX_EXPIRATION_SECONDS,
  MAX_STUB_BYTES,
  MAX_UID_BYTES,
  MIN_EXPIRATION_SECONDS,
} from '../../src/resources/certificates/pod-certificate-request.ts';
import { certifyRequest, createAuthority } from '../../src/resources/certificates/x509/authority.ts';
import { parseCertificateRequest } from '../../src/resources/certificates/x509/certificate-request.ts';
import {
  bytesOf,
  CA,
  CLIENT,
  inSpec,
  KUBELET_CLIENT,
  KUBELET_SERVING,
  LEAF,
  MASTERS,
  pem,
  STUB,
} from '../../src/resources/certificates/x509/test-requests.ts';
import { type ContractCluster, createContractCluster } from '../contract/cluster.ts';

const CERTIFICATES = '/apis/certificates.k8s.io/v1';
const REQUESTS = `${CERTIFICATES}/certificatesigningrequests`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const HOUR_MS = 3_600_000;

type Call = (method: string, path: string, body?: unknown, user?: string) => Promise<{ status: number; body: any }>;

async function withCluster(use: (call: Call, cluster: ContractCluster) => Promise<void>): Promise<void> {
  const cluster = await createContractCluster('controllers');
  const call: Call = async (method, path, body, user) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers: Record<string, string> = { 'content-type': type, ...(user ? { 'impersonate-user': user } : {}) };
    const response = await cluster.fetch(method, path, headers, body);
    return { status: response.status, body: await response.json() };
  };
  try {
    await cluster.advance(1000);
    await use(call, cluster);
  } finally {
    cluster.close();
  }
}

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const KUBELET_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
const SERVING_SIGNER = 'kubernetes.io/kubelet-serving';

const request = (name: string, der: string, signerName: string, usages: string[], more: object = {}) => ({
  metadata: { name },
  spec: { request: inSpec(der), signerName, usages, ...more },
});

const decision = (type: string) => ({ type, status: 'True', reason: 'Test', message: 'test' });

async function decide(call: Call, name: string, type: string, user?: string) {
  const { body } = await call('GET', `${REQUESTS}/${name}`);
  body.status.conditions = [...(body.status.conditions ?? []), decision(type)];
  return call('PUT', `${REQUESTS}/${name}/approval`, body, user);
}

const issued = async (call: Call, name: string): Promise<X509Certificate | undefined> => {
  const { body } = await call('GET', `${REQUESTS}/${name}`);
  return body.status.certificate && new X509Certificate(Buffer.from(body.status.certificate, 'base64'));
};

async function authorityOf(call: Call): Promise<Record<string, string>> {
  return (await call('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication')).body.data;
}

describe('an approved request', () => {
  it('is issued what it asks for, by an authority that the cluster names', () =>
    withCluster(async (call) => {
      const made = await call(
        'POST',
        REQUESTS,
        request('ann', CLIENT, CLIENT_SIGNER, ['client auth', 'digital signature']),
      );
      expect(made.status).toBe(201);
      expect(await issued(call, 'ann')).toBeUndefined();
      await decide(call, 'ann', 'Approved');
      const certificate = (await issued(call, 'ann'))!;
      expect(certificate.subject).toBe('O=team\nCN=ann');
      expect(certificate.issuer).toBe('CN=kubernetes');
      expect([certificate.ca, certificate.keyUsage]).toEqual([false, ['1.3.6.1.5.5.7.3.2']]);
      expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
      expect(certificate.validToDate.getTime() - certificate.validFromDate.getTime()).toBe(365 * 24 * HOUR_MS);
    }));

  it('names the same hosts, and lasts as long as was asked', () =>
    withCluster(async (call) => {
      const usages = ['server auth', 'digital signature', 'key encipherment'];
      await call('POST', REQUESTS, request('s', KUBELET_SERVING, SERVING_SIGNER, usages, { expirationSeconds: 600 }));
      await decide(call, 's', 'Approved');
      const certificate = (await issued(call, 's'))!;
      expect(certificate.subjectAltName).toBe('DNS:n1, IP Address:10.0.0.1');
      // Backdated by five minutes, at the beginning alone.
      expect(certificate.validToDate.getTime() - certificate.validFromDate.getTime()).toBe(15 * 60 * 1000);
    }));

  it('that its signer cannot take fails, and says why', () =>
    withCluster(async (call) => {
      const wrong: [string, string, string[], string][] = [
        [CLIENT_SIGNER, CLIENT, ['client auth', 'server auth'], 'invalid usage for client certificate: server auth'],
        [CLIENT_SIGNER, CLIENT, ['digital signature'], 'missing required usage for client certificate: client auth'],
        [KUBELET_SIGNER, CLIENT, ['client auth', 'digital signature'], 'subject organization is not system:nodes'],
        [SERVING_SIGNER, KUBELET_CLIENT, ['server auth', 'digital signature'], 'DNS or IP subjectAltName is required'],
        [KUBELET_SIGNER, KUBELET_SERVING, ['client auth', 'digital signature'], 'DNS subjectAltNames are not allowed'],
        [
          SERVING_SIGNER,
          KUBELET_SERVING,
          ['server auth'],
          'usages did not match [digital signature key encipherment server auth]',
        ],
      ];
      for (const [i, [signer, der, usages, message]] of wrong.entries()) {
        await call('POST', REQUESTS, request(`w${i}`, der, signer, usages));
        await decide(call, `w${i}`, 'Approved');
        const { status } = (await call('GET', `${REQUESTS}/w${i}`)).body;
        expect(status.conditions[1]).toMatchObject({ type: 'Failed', reason: 'SignerValidationFailure', message });
        expect(status.certificate).toBeUndefined();
      }
    }));

  it('of another signer, or one that was denied, is let alone', () =>
    withCluster(async (call) => {
      await call('POST', REQUESTS, request('other', CLIENT, 'example.com/signer', ['client auth']));
      await call('POST', REQUESTS, request('no', CLIENT, CLIENT_SIGNER, ['client auth']));
      await decide(call, 'other', 'Approved');
      await decide(call, 'no', 'Denied');
      expect([await issued(call, 'other'), await issued(call, 'no')]).toEqual([undefined, undefined]);
    }));
});

describe('a kubelet’s request', () => {
  const kubelet = (name: string) => request(name, KUBELET_CLIENT, KUBELET_SIGNER, ['client auth', 'digital signature']);
  const grant = async (call: Call, user: string, subresource: string) => {
    const right = (resource: string) => ({
      apiGroups: ['certificates.k8s.io'],
      resources: [resource],
      verbs: ['create'],
    });
    const rules = [right('certificatesigningrequests'), right(`certificatesigningrequests/${subresource}`)];
    await call('POST', `${RBAC}/clusterroles`, { metadata: { name: user }, rules });
    await call('POST', `${RBAC}/clusterrolebindings`, {
      metadata: { name: user },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
      subjects: [{ kind: 'User', name: user }],
    });
  };

  it('is approved for who may have one, for himself or for any', () =>
    withCluster(async (call) => {
      await grant(call, 'system:node:n1', 'selfnodeclient');
      await grant(call, 'bootstrapper', 'nodeclient');
      await grant(call, 'stranger', 'other');
      for (const user of ['system:node:n1', 'bootstrapper', 'stranger'])
        expect((await call('POST', REQUESTS, kubelet(user.replaceAll(':', '-')), user)).status).toBe(201);
      const answer = async (name: string) => (await call('GET', `${REQUESTS}/${name}`)).body.status;
      const words = (self: string) => `Auto approving ${self}kubelet client certificate after SubjectAccessReview.`;
      const self = await answer('system-node-n1');
      expect(self.conditions).toMatchObject([{ type: 'Approved', reason: 'AutoApproved', message: words('self ') }]);
      expect(self.certificate).toBeTruthy();
      expect((await answer('bootstrapper')).conditions).toMatchObject([{ message: words('') }]);
      expect((await answer('stranger')).conditions).toBeUndefined();
    }));
});

describe('requests go', () => {
  it('an hour after they were answered, and a day after they were made when they were not', () =>
    withCluster(async (call, cluster) => {
      for (const name of ['issued', 'denied', 'pending', 'unissued'])
        await call(
          'POST',
          REQUESTS,
          request(name, CLIENT, name === 'unissued' ? 'a.io/b' : CLIENT_SIGNER, ['client auth']),
        );
      await decide(call, 'issued', 'Approved');
      await decide(call, 'unissued', 'Approved');
      await decide(call, 'denied', 'Denied');
      const left = async () => (await call('GET', REQUESTS)).body.items.map((item: any) => item.metadata.name);
      await cluster.advance(HOUR_MS - 10_000);
      expect(await left()).toEqual(['denied', 'issued', 'pending', 'unissued']);
      await cluster.advance(20_000);
      expect(await left()).toEqual(['pending', 'unissued']);
      await cluster.advance(23 * HOUR_MS - 20_000);
      expect(await left()).toEqual(['pending', 'unissued']);
      await cluster.advance(20_000);
      expect(await left()).toEqual([]);
    }));
});

describe('a request is refused', () => {
  it('when it is none, when its key has not signed it, and when it asks for the masters', () =>
    withCluster(async (call) => {
      const message = async (der: string) =>
        (await call('POST', REQUESTS, request('x', der, CLIENT_SIGNER, ['client auth']))).body.message;
      const tampered = Buffer.from(bytesOf(CLIENT));
      tampered[40]! ^= 1;
      expect(await message(tampered.toString('base64'))).toMatch(/crypto\/rsa: verification error$/);
      expect(await message(CLIENT.slice(0, 400))).toMatch(/asn1: syntax error: data truncated$/);
      expect(await message(MASTERS)).toBe(
        `certificatesigningrequests.certificates.k8s.io "x" is forbidden: use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`,
      );
    }));

  it('to who may not answer for its signer', () =>
    withCluster(async (call) => {
      const rights = (resourceNames: string[], verbs: string[]) => [
        {
          apiGroups: ['certificates.k8s.io'],
          resources: ['certificatesigningrequests/*', '*/approval', '*/status'],
          verbs: ['update', 'patch'],
        },
        ...(resourceNames.length > 0
          ? [{ apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames, verbs }]
          : []),
      ];
      const users: [string, string[], string[]][] = [
        ['none', [], []],
        ['one', [CLIENT_SIGNER], ['approve']],
        ['all', ['kubernetes.io/*'], ['approve', 'sign']],
      ];
      for (const [name, names, verbs] of users) {
        await call('POST', `${RBAC}/clusterroles`, { metadata: { name }, rules: rights(names, verbs) });
        const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
        await call('POST', `${RBAC}/clusterrolebindings`, {
          metadata: { name },
          roleRef,
          subjects: [{ kind: 'User', name }],
        });
      }
      await call('POST', REQUESTS, request('a', CLIENT, CLIENT_SIGNER, ['client auth']));
      await call('POST', REQUESTS, request('b', CLIENT, CLIENT_SIGNER, ['client auth']));
      const refused = await decide(call, 'a', 'Approved', 'none');
      expect([refused.status, refused.body.message]).toEqual([
        403,
        `certificatesigningrequests.certificates.k8s.io "a" is forbidden: user not permitted to approve requests with signerName "${CLIENT_SIGNER}"`,
      ]);
      expect((await decide(call, 'a', 'Denied', 'one')).status).toBe(200);
      expect((await decide(call, 'b', 'Denied', 'all')).status).toBe(200);
      const fail = (user: string) =>
        call(
          'PATCH',
          `${REQUESTS}/a/status`,
          { status: { conditions: [decision('Denied'), decision('Failed')] } },
          user,
        );
      expect((await fail('one')).body.message).toMatch(/user not permitted to sign requests with signerName/);
    }));
});

describe('the config map of authentication', () => {
  it('names the authorities, and comes back', () =>
    withCluster(async (call) => {
      const data = await authorityOf(call);
      expect(Object.keys(data).sort()).toEqual([
        'client-ca-file',
        'requestheader-allowed-names',
        'requestheader-client-ca-file',
        'requestheader-extra-headers-prefix',
        'requestheader-group-headers',
        'requestheader-username-headers',
      ]);
      const path = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
      expect((await call('GET', path)).body.metadata.resourceVersion).toBe('1');
      await call('DELETE', path);
      expect(await authorityOf(call)).toEqual(data);
      await call('PATCH', path, { data: { 'client-ca-file': 'x', mine: 'y' } });
      expect(await authorityOf(call)).toEqual({ ...data, mine: 'y' });
    }));
});

describe('a trust bundle', () => {
  it('holds authorities, each once, up to a size', () =>
    withCluster(async (call) => {
      const path = '/apis/certificates.k8s.io/v1/clustertrustbundles';
      const said = async (trustBundle: string) => {
        const { status, body } = await call('POST', `${path}?dryRun=All`, {
          metadata: { name: 'b' },
          spec: { trustBundle },
        });
        return status === 201 ? 'made' : body.details.causes.map((c: any) => c.message).join();
      };
      const ca = pem('CERTIFICATE', CA);
      const wrong = (words: string) => `Invalid value: "<value omitted>": ${words}`;
      expect(await said(`x\n${ca}`)).toBe('made');
      expect(await said('')).toContain('at least one trust anchor must be provided');
      expect(await said(ca + pem('CERTIFICATE', LEAF))).toBe(wrong('entry 1 does not have the CA bit set'));
      expect(await said(pem('CERTIFICATE REQUEST', CLIENT))).toBe(
        wrong('entry 0 has bad block type: CERTIFICATE REQUEST'),
      );
      expect(await said(pem('CERTIFICATE', 'AAAA'))).toBe(wrong('entry 0 does not parse as X.509'));
      expect(await said(ca + ca)).toBe(wrong('duplicate trust anchor (indices [0 1])'));
      expect(await said(ca + '\n'.repeat(MAX_TRUST_BUNDLE_BYTES - ca.length))).toBe('made');
      expect(await said(ca + '\n'.repeat(MAX_TRUST_BUNDLE_BYTES - ca.length + 1))).toContain(
        'may not be more than 1048576',
      );
    }));
});

describe('a pod’s certificate request', () => {
  const path = `${CERTIFICATES}/namespaces/default/podcertificaterequests`;
  const spec = {
    signerName: 'example.com/signer',
    podName: 'p',
    podUID: 'u',
    serviceAccountName: 'a',
    serviceAccountUID: 'u',
    nodeName: 'n',
    nodeUID: 'u',
    stubPKCS10Request: STUB,
  };
  const said = async (call: Call, more: object) => {
    const { status, body } = await call('POST', `${path}?dryRun=All`, {
      metadata: { name: 'r' },
      spec: { ...spec, ...more },
    });
    return status === 201
      ? body.spec.maxExpirationSeconds
      : body.details.causes.map((c: any) => `${c.field}: ${c.message}`).join();
  };

  it('lasts within bounds, a day by default', () =>
    withCluster(async (call) => {
      expect(await said(call, {})).toBe(24 * 3600);
      const bounds: [string, number, number][] = [
        ['example.com/signer', MIN_EXPIRATION_SECONDS, MAX_EXPIRATION_SECONDS],
        ['x.kubernetes.io/signer', MIN_EXPIRATION_SECONDS, KUBERNETES_MAX_EXPIRATION_SECONDS],
      ];
      for (const [signerName, low, high] of bounds) {
        for (const maxExpirationSeconds of [low, high])
          expect(await said(call, { signerName, maxExpirationSeconds })).toBe(maxExpirationSeconds);
        for (const maxExpirationSeconds of [low - 1, high + 1])
          expect(await said(call, { signerName, maxExpirationSeconds })).toBe(
            `spec.maxExpirationSeconds: Invalid value: ${maxExpirationSeconds}: must be in the range [${low}, ${high}]`,
          );
      }
    }));

  it('has uids and a stub that are not too long', () =>
    withCluster(async (call) => {
      const tooLong = (field: string, limit: number) => `${field}: Too long: may not be more than ${limit} bytes`;
      for (const field of ['podUID', 'serviceAccountUID', 'nodeUID']) {
        expect(await said(call, { [field]: 'u'.repeat(MAX_UID_BYTES) })).toBe(24 * 3600);
        expect(await said(call, { [field]: 'u'.repeat(MAX_UID_BYTES + 1) })).toContain(
          tooLong(`spec.${field}`, MAX_UID_BYTES),
        );
      }
      const stub = (bytes: number) => said(call, { stubPKCS10Request: btoa('x'.repeat(bytes)) });
      expect(await stub(MAX_STUB_BYTES)).toContain('must be a valid PKCS#10 CSR');
      expect(await stub(MAX_STUB_BYTES + 1)).toContain(tooLong('spec.stubPKCS10Request', MAX_STUB_BYTES));
    }));

  it('has a key of a strong kind, which has signed it', () =>
    withCluster(async (call) => {
      expect(await said(call, { stubPKCS10Request: KUBELET_CLIENT })).toBe(24 * 3600);
      expect(await said(call, { stubPKCS10Request: CLIENT })).toContain('RSA keys must have modulus size 3072 or 4096');
      expect(await said(call, { stubPKCS10Request: 'AAAA' })).toContain('must be a valid PKCS#10 CSR');
      expect(await said(call, { stubPKCS10Request: undefined })).toContain('exactly one of (stubPKCS10Request) or');
      const tampered = Buffer.from(bytesOf(STUB));
      tampered[tampered.length - 1]! ^= 1;
      expect(await said(call, { stubPKCS10Request: tampered.toString('base64') })).toBe(
        'spec.stubPKCS10Request: Invalid value: invalid signature',
      );
    }));

  it('is answered once', () =>
    withCluster(async (call) => {
      expect((await call('POST', path, { metadata: { name: 'r' }, spec })).status).toBe(201);
      const at = '2026-01-05T10:00:00Z';
      const condition = { ...decision('Denied'), lastTransitionTime: at };
      const status = { conditions: [condition] };
      const put = (body: object) => call('PATCH', `${path}/r/status`, { status: body });
      expect((await put({ notBefore: at })).body.message).toContain('status is immutable unless transitioning');
      expect((await put({ ...status, notBefore: at })).body.message).toContain(
        'non-condition status fields must be empty',
      );
      expect((await put({ conditions: [{ ...condition, type: 'Other' }] })).body.message).toContain(
        'Unsupported value: "Other"',
      );
      expect((await put(status)).status).toBe(200);
      expect((await put({ conditions: [] })).body.message).toContain('immutable after PodCertificateRequest is issued');
    }));
});

describe('a pod’s certificate', () => {
  it('is one of the key that asked, and of the times that are said', () =>
    withCluster(async (call) => {
      const path = `${CERTIFICATES}/namespaces/default/podcertificaterequests`;
      const now = Date.parse('2026-01-05T10:00:00Z');
      const authority = await createAuthority({ commonName: 'a-ca', now, years: 10 });
      const minutes = (count: number): number => now + count * 60_000;
      const at = (time: number): string => new Date(time).toISOString().replace('.000', '');
      const chainOf = async (der: string, notBefore: number, notAfter: number): Promise<string> => {
        const { subjectDer, key } = parseCertificateRequest(bytesOf(der));
        const usages = ['server auth'];
        return certifyRequest(authority, { subject: subjectDer, spki: key.spki, usages, notBefore, notAfter });
      };
      const spec = { signerName: 'a.io/b', podName: 'p', podUID: 'u', serviceAccountName: 'a', serviceAccountUID: 'u' };
      const rest = { nodeName: 'n', nodeUID: 'u', stubPKCS10Request: STUB, maxExpirationSeconds: 7200 };
      await call('POST', path, { metadata: { name: 'r' }, spec: { ...spec, ...rest } });
      const conditions = [{ ...decision('Issued'), lastTransitionTime: at(now) }];
      const good = {
        conditions,
        certificateChain: await chainOf(STUB, minutes(-1), minutes(59)),
        notBefore: at(minutes(-1)),
        notAfter: at(minutes(59)),
        beginRefreshAt: at(minutes(14)),
      };
      const said = async (more: object) => {
        const { status, body } = await call('PATCH', `${path}/r/status?dryRun=All`, { status: { ...good, ...more } });
        return status === 200 ? 'issued' : body.details.causes.map((c: any) => c.message).join();
      };
      const lasting = async (from: number, to: number) => ({
        certificateChain: await chainOf(STUB, minutes(from), minutes(to)),
        notBefore: at(minutes(from)),
        notAfter: at(minutes(to)),
      });
      expect(await said({})).toBe('issued');
      const padded = (bytes: number): string => good.certificateChain.padStart(bytes, '\n');
      expect(await said({ certificateChain: padded(MAX_CHAIN_BYTES) })).toBe('issued');
      expect(await said({ certificateChain: padded(MAX_CHAIN_BYTES + 1) })).toContain(
        `may not be more than ${MAX_CHAIN_BYTES} bytes`,
      );
      expect(await said({ certificateChain: '' })).toContain('must contain at least one certificate');
      const other = await chainOf(KUBELET_CLIENT, minutes(-1), minutes(59));
      expect(await said({ certificateChain: other })).toContain('was not issued to the requested public key');
      expect(await said({ certificateChain: `${good.certificateChain}${pem('X', 'AAAA')}` })).toContain(
        'must consist entirely',
      );
      expect(await said({ beginRefreshAt: null })).toContain('must be present and in the range');
      expect(await said({ notAfter: at(minutes(58)) })).toContain('the NotAfter time encoded in the leaf');
      expect(await said({ beginRefreshAt: at(minutes(8)) })).toContain('at least 10 minutes after');
      expect(await said({ beginRefreshAt: at(minutes(50)) })).toContain('at least 10 minutes before');
      expect(await said(await lasting(-6, 60))).toContain('within 5 minutes');
      expect(await said(await lasting(-1, 58))).toContain('must be >= 1 hour');
      expect(await said(await lasting(-1, 119))).toBe('issued');
      expect(await said(await lasting(-1, 120))).toContain('must be <= spec.maxExpirationSeconds (7200)');
    }));
});

describe('a pod', () => {
  it('may ask for certificates within the same bounds', () =>
    withCluster(async (call) => {
      const said = async (maxExpirationSeconds: number) => {
        const podCertificate = {
          signerName: 'a.io/b',
          keyType: 'ED25519',
          credentialBundlePath: 'c',
          maxExpirationSeconds,
        };
        const volumes = [{ name: 'v', projected: { sources: [{ podCertificate }] } }];
        const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }], volumes } };
        const { status, body } = await call('POST', '/api/v1/namespaces/default/pods?dryRun=All', pod);
        return status === 201 ? 'made' : body.details.causes[0].message;
      };
      expect(await said(MIN_EXPIRATION_SECONDS)).toBe('made');
      expect(await said(MIN_EXPIRATION_SECONDS - 1)).toBe(
        'Invalid value: 3599: if provided, maxExpirationSeconds must be >= 3600',
      );
      expect(await said(MAX_EXPIRATION_SECONDS)).toBe('made');
      expect(await said(MAX_EXPIRATION_SECONDS + 1)).toContain(
        `maxExpirationSeconds must be <= ${MAX_EXPIRATION_SECONDS}`,
      );
    }));
});
