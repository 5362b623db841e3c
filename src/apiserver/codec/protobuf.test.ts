import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { decodeBody } from './body.ts';
import { encodeProtobuf } from './protobuf.ts';

const there = (object: any): any => {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
  const bytes = encodeProtobuf(object as KubeObject)!;
  return decodeBody(bytes, 'application/vnd.kubernetes.protobuf', { group, version, kind: object.kind }).object;
};

describe('protobuf', () => {
  it('brings an object back as it was', () => {
    const service = {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: {
        name: 's',
        creationTimestamp: '2026-01-02T03:04:05Z',
        labels: { a: 'b', c: '' },
        managedFields: [{ manager: 'm', operation: 'Update', fieldsV1: { 'f:spec': {} } }],
      },
      spec: {
        ports: [
          { protocol: 'TCP', port: 80, targetPort: 'http' },
          { port: 81, targetPort: 8081, nodePort: 30001 },
        ],
        selector: { app: 'x' },
      },
      status: { loadBalancer: {} },
    };
    expect(there(service)).toEqual(service);
  });

  it('keeps bytes, micro times, quantities, negative numbers and schemas', () => {
    const secret = { kind: 'Secret', apiVersion: 'v1', metadata: { name: 's' }, data: { k: 'AAEC/w==' } };
    expect(there(secret)).toEqual(secret);
    const lease = {
      kind: 'Lease',
      apiVersion: 'coordination.k8s.io/v1',
      metadata: { name: 'l' },
      spec: { renewTime: '2026-01-02T03:04:05.000006Z', leaseDurationSeconds: -1 },
    };
    expect(there(lease)).toEqual(lease);
    const schema = { type: 'object', properties: { a: { type: 'integer', minimum: -1.5, default: 3 } } };
    const crd = there({
      kind: 'CustomResourceDefinition',
      apiVersion: 'apiextensions.k8s.io/v1',
      metadata: { name: 'c' },
      spec: {
        group: 'g',
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    });
    expect(crd.spec.versions[0].schema.openAPIV3Schema).toEqual(schema);
  });

  it('refuses what has no envelope or ends early', () => {
    const kind = { group: '', version: 'v1', kind: 'Pod' };
    const type = 'application/vnd.kubernetes.protobuf';
    expect(() => decodeBody(new Uint8Array([1, 2, 3]), type, kind)).toThrow('expected prefix');
    expect(() => decodeBody(new Uint8Array([0x6b, 0x38, 0x73, 0, 0x12, 0x20, 1]), type, kind)).toThrow(
      'unexpected EOF',
    );
  });
});
