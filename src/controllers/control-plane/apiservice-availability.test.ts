import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { apiServiceAvailability, isUnavailable } from './apiservice-availability.ts';

const controller = apiServiceAvailability();
const apiService = (service?: object): KubeObject =>
  object('APIService', 'v1.example.com', {
    spec: { group: 'example.com', version: 'v1', ...(service ? { service } : {}) },
  });
const REMOTE = apiService({ namespace: 'ns', name: 's' });
const service = (spec: object) =>
  object('Service', 's', { spec: { type: 'ClusterIP', clusterIP: '10.96.0.9', ...spec } });
const slice = (ready: boolean) =>
  object('EndpointSlice', 's-1', {
    metadata: { labels: { 'kubernetes.io/service-name': 's' } },
    ports: [{ port: 8443 }],
    endpoints: [{ addresses: ['10.244.0.2'], conditions: { ready } }],
  });
const PORTS = { ports: [{ port: 443 }] };
const available = (found: KubeObject, ...others: KubeObject[]): KubeObject =>
  written(reconciled(controller, 'v1.example.com', [found, ...others]), 'update APIService/status v1.example.com');
const said = (...objects: [KubeObject, ...KubeObject[]]): string => {
  const [{ status, reason, message }] = available(...objects).status.conditions;
  return `${status} ${reason}: ${message}`;
};

it('finds its own groups available, once', () => {
  expect(said(apiService())).toBe('True Local: Local APIServices are always available');
  expect(lines(reconciled(controller, 'v1.example.com', [available(apiService())]))).toEqual([]);
  expect(isUnavailable(available(apiService()))).toBe(false);
});

it.each([
  ['False ServiceNotFound: service/s in "ns" is not present', []],
  ['False ServicePortError: service/s in "ns" is not listening on port 443', [service({ ports: [{ port: 80 }] })]],
  ['False EndpointsNotFound: cannot find endpointslices for service/s in "ns"', [service(PORTS)]],
  [
    'False MissingEndpoints: endpointslices for service/s in "ns" have no addresses with port name ""',
    [service(PORTS), slice(false)],
  ],
  [
    'False FailedDiscoveryCheck: failing or missing response from https://10.96.0.9:443/apis/example.com/v1: Get "https://10.96.0.9:443/apis/example.com/v1": dial tcp 10.96.0.9:443: connect: connection refused',
    [service(PORTS), slice(true)],
  ],
])('says why another server does not answer: %s', (text, objects) => {
  expect(said(REMOTE, ...objects)).toBe(text);
  expect(isUnavailable(available(REMOTE, ...objects))).toBe(true);
});

it('looks again when the Service or its endpoints change', () => {
  expect(keysOf(controller, { new: service(PORTS) }, [REMOTE])).toEqual(['v1.example.com']);
  expect(keysOf(controller, { old: slice(true) }, [REMOTE])).toEqual(['v1.example.com']);
  expect(keysOf(controller, { new: object('Service', 'other') }, [REMOTE])).toEqual([]);
});
