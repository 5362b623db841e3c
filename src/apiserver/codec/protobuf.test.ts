import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../test/loose-object.ts';
import { BUILT_IN_SCHEMAS } from '../../catalog/schema.ts';
import { decodeBody, type GroupVersionKind } from './body.ts';
import { encodeProtobuf } from './protobuf.ts';
import { MAX_TIME } from './protobuf-read.ts';

const decode = (bytes: Uint8Array, kind: GroupVersionKind) =>
  decodeBody(bytes, 'application/vnd.kubernetes.protobuf', kind, 'Warn', BUILT_IN_SCHEMAS);

const there = (object: LooseObject): LooseObject => {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
  const bytes = encodeProtobuf(object as KubeObject)!;
  return decode(bytes, { group, version, kind: object.kind }).object;
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

  it('has the names of a set of fields in their order', () => {
    const fieldsV1 = { 'f:spec': { 'f:b': {}, '.': {}, 'k:{"name":"c"}': { 'f:z': {}, 'f:image': {} }, 'f:a': {} } };
    const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 };
    const bytes = encodeProtobuf({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', managedFields: [entry] },
    } as LooseObject)!;
    expect(new TextDecoder('latin1').decode(bytes)).toContain(
      '{"f:spec":{".":{},"f:a":{},"f:b":{},"k:{\\"name\\":\\"c\\"}":{"f:image":{},"f:z":{}}}}',
    );
  });

  it('refuses what has no envelope or ends early', () => {
    const kind = { group: '', version: 'v1', kind: 'Pod' };
    expect(() => decode(new Uint8Array([1, 2, 3]), kind)).toThrow('expected prefix');
    expect(() => decode(new Uint8Array([0x6b, 0x38, 0x73, 0, 0x12, 0x20, 1]), kind)).toThrow('unexpected EOF');
  });
});

it('reads times as far as a Date goes', () => {
  const at = (seconds: number): unknown => {
    const time: number[] = [0x08];
    for (let rest = BigInt(seconds); ; rest >>= 7n) {
      if (rest < 128n) {
        time.push(Number(rest));
        break;
      }
      time.push(Number(rest & 127n) | 128);
    }
    // A Pod with a metadata, whose field 8 is its creationTimestamp.
    const metadata = [0x42, time.length, ...time];
    const raw = [0x0a, metadata.length, ...metadata];
    const kind = [0x0a, 0x02, 0x76, 0x31, 0x12, 0x03, 0x50, 0x6f, 0x64];
    const bytes = [0x6b, 0x38, 0x73, 0x00, 0x0a, kind.length, ...kind, 0x12, raw.length, ...raw];
    const pod = { group: '', version: 'v1', kind: 'Pod' };
    return decode(new Uint8Array(bytes), pod).object.metadata.creationTimestamp;
  };
  expect(at(1_000_000_000)).toBe('2001-09-09T01:46:40Z');
  // A time, though none that Kubernetes has.
  expect(() => at(MAX_TIME / 1000)).toThrow('parsing time "275760-09-13T00:00:00Z"');
  expect(at(MAX_TIME / 1000 + 1)).toBeFalsy();
});
