import { expect, it } from 'vitest';
import type { Container, Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import type { Conduct } from '../../simulation/behaviours.ts';
import { nodeUsage, podUsage, SCRAPE_MS, SYSTEM_USAGE } from './usage.ts';

const SCRAPED = Date.parse('2026-01-05T10:00:00Z');
const container = (name: string, resources: object = {}, more: object = {}) => ({
  name,
  image: 'i',
  resources,
  ...more,
});
const running = (name: string, startedAt = '2026-01-05T09:59:59Z') => ({ name, state: { running: { startedAt } } });

const pod = (containers: object[], statuses: object[], spec: object = {}, status: object = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns' },
    spec: { containers, ...spec },
    status: { phase: 'Running', containerStatuses: statuses, ...status },
  }) as unknown as Pod;

const plain = (): Conduct => ({});
const usageOf = (resources: object, conduct: Conduct = {}) =>
  podUsage(pod([container('c', resources)], [running('c')]), () => conduct, SCRAPED)?.containers[0]?.usage;
const MIB = 1024 ** 2;

it('is a share of what is requested, and little without a request', () => {
  expect(usageOf({ requests: { cpu: '2', memory: '1Gi' } })).toEqual({ cpu: 200, memory: 512 * MIB });
  expect(usageOf({})).toEqual({ cpu: 1, memory: 4 * MIB });
});

it('is what the rules say, and never more than the limit', () => {
  expect(usageOf({}, { usage: { cpu: '1500m', memory: '1Gi' } })).toEqual({ cpu: 1500, memory: 1024 * MIB });
  expect(usageOf({ limits: { cpu: '1', memory: '128Mi' } }, { usage: { cpu: '1500m', memory: '1Gi' } })).toEqual({
    cpu: 1000,
    memory: 128 * MIB,
  });
  expect(usageOf({ requests: { cpu: '1' } }, { usage: { memory: '8Mi' } })).toEqual({ cpu: 100, memory: 8 * MIB });
});

it('is known of a container that ran when it was asked, and of a pod when it is of all of them', () => {
  const two = [container('a'), container('b')];
  const late = running('b', '2026-01-05T10:00:00Z');
  expect(podUsage(pod(two, [running('a'), running('b')]), plain, SCRAPED)?.at).toBe(SCRAPED);
  expect(podUsage(pod(two, [running('a'), late]), plain, SCRAPED + SCRAPE_MS - 1)).toBeUndefined();
  expect(podUsage(pod(two, [running('a'), late]), plain, SCRAPED + SCRAPE_MS)?.containers).toHaveLength(2);
  expect(podUsage(pod(two, [running('a'), { name: 'b', state: { waiting: {} } }]), plain, SCRAPED)).toBeUndefined();
});

it('counts sidecars, and not what ran before', () => {
  const sidecar = container('s', {}, { restartPolicy: 'Always' });
  const statuses = { initContainerStatuses: [{ name: 'i', state: { terminated: {} } }, running('s')] };
  const mixed = pod([container('c')], [running('c')], { initContainers: [container('i'), sidecar] }, statuses);
  expect(podUsage(mixed, plain, SCRAPED)?.containers.map(({ name }) => name)).toEqual(['s', 'c']);
});

it('of a node is that of its pods and its own, while it is ready', () => {
  const node = (status: string): Node => ({ status: { conditions: [{ type: 'Ready', status }] } }) as Node;
  const behaviour = (_: Pod, { name }: Container): Conduct => ({ usage: { cpu: name === 'a' ? '100m' : '200m' } });
  const pods = [pod([container('a')], [running('a')]), pod([container('b')], [running('b')])];
  expect(nodeUsage(node('True'), pods, behaviour, SCRAPED)).toEqual({
    cpu: SYSTEM_USAGE.cpu + 300,
    memory: SYSTEM_USAGE.memory + 8 * MIB,
  });
  expect(nodeUsage(node('Unknown'), pods, behaviour, SCRAPED)).toBeUndefined();
});
