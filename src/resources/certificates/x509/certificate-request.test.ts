import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../simulation/random.ts';
import { parseCertificate } from './certificate.ts';
import { parseCertificateRequest, requestInSpec } from './certificate-request.ts';
import { DerError, DerReader } from './der.ts';
import { pemBlocks } from './pem.ts';
import { signatureProblem } from './public-key.ts';
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
} from './test-requests.ts';

const DAMAGES = 3000;

describe('a request', () => {
  it.each([
    ['client', CLIENT, 'ann', ['team'], { type: 'RSA', bits: 2048 }],
    ['kubelet client', KUBELET_CLIENT, 'system:node:n1', ['system:nodes'], { type: 'ECDSA', curve: 'P-256' }],
    ['kubelet serving', KUBELET_SERVING, 'system:node:n1', ['system:nodes'], { type: 'ECDSA', curve: 'P-384' }],
    ['master', MASTERS, 'root', ['system:masters'], { type: 'Ed25519' }],
    ['stub', STUB, '', [], { type: 'Ed25519' }],
  ])('of a %s is read, and is signed by its own key', async (_, der, commonName, organizations, key) => {
    const request = requestInSpec(inSpec(der));
    expect(request.subject).toEqual({ commonName, organizations });
    expect(request.key).toMatchObject(key);
    expect(await signatureProblem(request, request.key)).toBeUndefined();
    const other = new Uint8Array(request.data);
    other[10]! ^= 1;
    expect(await signatureProblem({ ...request, data: other }, request.key)).toMatch(/verification (error|failure)$/);
  });

  it('says its other names', () => {
    const { names } = requestInSpec(inSpec(KUBELET_SERVING));
    expect(names.dns).toEqual(['n1']);
    expect(names.ips.map((ip) => [...ip])).toEqual([[10, 0, 0, 1]]);
  });

  it('in another wrapping is none', () => {
    for (const text of ['', 'x', btoa('x'), btoa(pem('CERTIFICATE', CLIENT)), btoa(pem('CERTIFICATE REQUEST', '!'))])
      expect(() => requestInSpec(text)).toThrow('PEM block type must be CERTIFICATE REQUEST');
  });

  it('that is damaged is refused as DER, whatever was done to it', () => {
    const random = createRandom('der', '1');
    const sources = [CLIENT, KUBELET_SERVING, MASTERS, CA].map(bytesOf);
    for (let i = 0; i < DAMAGES; i++) {
      const source = sources[random.integer(sources.length)]!;
      const bytes = source.slice(0, random.integer(4) === 0 ? random.integer(source.length) : source.length);
      for (let changes = random.integer(4); changes > 0; changes--)
        if (bytes.length > 0) bytes[random.integer(Math.min(bytes.length, 80))] = random.integer(256);
      for (const parse of [parseCertificateRequest, parseCertificate])
        try {
          parse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
    }
  });
});

describe('a certificate', () => {
  it('says whether it is an authority’s, and until when it holds', () => {
    const ca = parseCertificate(bytesOf(CA));
    expect(ca.isCA).toBe(true);
    expect(ca.notAfter - ca.notBefore).toBe(3650 * 24 * 3600 * 1000);
    expect(parseCertificate(bytesOf(LEAF)).isCA).toBe(false);
  });
});

describe('PEM', () => {
  it('has blocks with what else there is between them', () => {
    const text = `note\n${pem('A', 'AAAA')}more\n-----BEGIN B-----\nKey: value\n\nBBBB\n-----END B-----\n-----BEGIN C-----\n`;
    expect(pemBlocks(text).map(({ type, headers, bytes }) => [type, headers, bytes.length])).toEqual([
      ['A', false, 3],
      ['B', true, 3],
    ]);
  });
});

describe('a PEM text', () => {
  it('is read in a time that grows with the text alone', () => {
    for (const part of [
      '\n',
      '-----BEGIN A-----\n',
      '-----BEGIN A-----\n-----END B-----\n',
      'AAAA\n',
      '-----END A-----\n',
    ])
      expect(pemBlocks(part.repeat(1024 ** 2 / part.length))).toEqual([]);
    expect(pemBlocks('-----BEGIN A-----\n'.repeat(1000) + pem('A', 'AAAA').repeat(2))).toHaveLength(2);
  });
});

describe('DER', () => {
  it('has lengths of no more bytes than are there, in the shortest way', () => {
    const read = (...bytes: number[]) => new DerReader(new Uint8Array(bytes)).next();
    expect(read(0x04, 1, 7).content).toEqual(new Uint8Array([7]));
    for (const wrong of [
      [0x04],
      [0x04, 2, 1],
      [0x04, 0x80, 0],
      [0x04, 0x81, 1, 7],
      [0x04, 0x85, 0, 0, 0, 0, 0],
      [0x1f, 1, 0],
    ])
      expect(() => read(...wrong)).toThrow(DerError);
  });
});
