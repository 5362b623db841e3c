import { describe, expect, it } from 'vitest';
import { quorumWarnings } from '../../kubeadm/topology.ts';
import { MAX_NODES } from '../limits.ts';
import { clusterRequestSchema, clusterSpec, MADE_BEFORE_MS } from './cluster-spec.ts';
import { MAX_ETCD_MEMBERS } from './etcd-members-schema.ts';
import { MAX_CONTROL_PLANES, savedTopologySchema, topologyOf } from './topology-schema.ts';

const fieldsOf = (request: unknown): string[] =>
  clusterRequestSchema.safeParse(request).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('a topology', () => {
  it.each<[unknown, string[]]>([
    [{ topology: 'stacked', controlPlanes: MAX_CONTROL_PLANES }, []],
    [{ topology: 'stacked', controlPlanes: MAX_CONTROL_PLANES + 1 }, ['controlPlanes']],
    [{ topology: 'stacked', controlPlanes: 0 }, ['controlPlanes']],
    [{ topology: 'external', etcdMembers: MAX_ETCD_MEMBERS }, []],
    [{ topology: 'external', etcdMembers: MAX_ETCD_MEMBERS + 1 }, ['etcdMembers']],
    [{ topology: 'external', etcdMembers: 0 }, ['etcdMembers']],
    [{ topology: 'stacked', controlPlanes: 3, etcdMembers: 5 }, ['etcdMembers']],
    [{ topology: 'single', etcdMembers: 3 }, ['etcdMembers']],
    [{ topology: 'single', controlPlanes: 3 }, ['controlPlanes']],
    [{ topology: 'ring' }, ['topology']],
    [{ topology: 'stacked', profile: 'api' }, ['topology']],
    [{ controlPlanes: 3, loadBalancer: true }, ['controlPlanes', 'loadBalancer']],
    [{ topology: 'stacked', nodes: [{ name: 'cp-2' }] }, ['nodes.0.name']],
    [{ topology: 'stacked', nodes: MAX_NODES - 3, podCIDR: '11.0.0.0/8' }, []],
    [{ topology: 'stacked', nodes: MAX_NODES - 2, podCIDR: '11.0.0.0/8' }, ['nodes']],
  ])('%j: what is wrong with it is %j', (request, fields) => {
    expect(fieldsOf(request)).toEqual(fields);
  });

  it.each([
    [{ topology: 'single' }, { controlPlanes: 1, etcdMembers: 1, loadBalancer: false }],
    [{ topology: 'stacked' }, { controlPlanes: 3, etcdMembers: 3, loadBalancer: true }],
    [
      { topology: 'stacked', controlPlanes: 5 },
      { controlPlanes: 5, etcdMembers: 5, loadBalancer: true },
    ],
    [
      { topology: 'external', controlPlanes: 1 },
      { controlPlanes: 1, etcdMembers: 3, loadBalancer: false },
    ],
  ] as const)('%j is usually %j', (request, wanted) => {
    expect(topologyOf(request)).toEqual({ kind: request.topology, ...wanted });
  });

  it('begins when it has been up for a while, with its control planes before its workers', () => {
    const spec = clusterSpec(clusterRequestSchema.parse({ topology: 'stacked', nodes: 1 }), 'id', 'hash', 1e12);
    expect(spec.nodes.map(({ name }) => name)).toEqual(['cp-1', 'cp-2', 'cp-3', 'node-1']);
    expect(spec.baseTime).toBe(1e12 - MADE_BEFORE_MS);
    expect(spec.components.controllers).toMatchObject({ 'bootstrap-signer-controller': true });
  });

  it('is warned of where a member more bears no more', () => {
    const warned = (kind: 'stacked' | 'external', members: number) =>
      quorumWarnings({ kind, controlPlanes: members, etcdMembers: members, loadBalancer: true });
    expect([3, 5].flatMap((members) => warned('stacked', members))).toEqual([]);
    expect(warned('stacked', 4)).toEqual([expect.stringMatching(/^controlPlanes: 4 members need 3 for a quorum/)]);
    expect(warned('external', 2)).toEqual([expect.stringMatching(/^etcdMembers: 2 members need 2 for a quorum/)]);
  });

  it('is held to the same rules in a file', () => {
    const saved = { kind: 'stacked', controlPlanes: 3, etcdMembers: 3, loadBalancer: true };
    expect(savedTopologySchema.safeParse(saved).success).toBe(true);
    expect(savedTopologySchema.safeParse({ ...saved, etcdMembers: 1 }).success).toBe(false);
  });
});
