import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../objects/generated/core-v1.gen.ts';
import { addNetwork, deleteNetwork, type NetworkState } from './node-addresses.ts';
import { attachmentFault, podCalls } from './pod-calls.ts';

const node = (podCIDR: string) =>
  ({ metadata: { name: 'node-1' }, spec: { podCIDR, podCIDRs: [podCIDR] } }) as unknown as Node;

const pod = (name: string, podIP?: string, ports: object[] = []) =>
  ({
    metadata: { name, namespace: 'default', uid: `uid-of-${name}` },
    spec: { containers: [{ name: 'c', ports }] },
    status: podIP === undefined ? {} : { podIP, podIPs: [{ ip: podIP }] },
  }) as unknown as Pod;

describe('the calls for a pod', () => {
  it('are ADD of the loopback, then of the cluster network', () => {
    const { containerID, netns, calls } = podCalls(pod('web', '10.244.1.7'), node('10.244.1.0/24'), []);
    expect(containerID).toMatch(/^[0-9a-f]{64}$/);
    expect(calls.map(({ command, ifname, exitCode }) => [command, ifname, exitCode])).toEqual([
      ['ADD', 'lo', 0],
      ['ADD', 'eth0', 0],
    ]);
    expect(calls[1]!.result).toEqual({
      cniVersion: '1.0.0',
      interfaces: [
        { mac: expect.any(String), name: 'cni0' },
        { mac: expect.any(String), name: expect.stringMatching(/^veth[0-9a-f]{8}$/) },
        { mac: expect.any(String), name: 'eth0', sandbox: netns },
      ],
      ips: [{ address: '10.244.1.7/24', gateway: '10.244.1.1', interface: 2 }],
      routes: [{ dst: '0.0.0.0/0' }],
    });
    expect(calls[1]!.invocations!.map(({ plugin }) => plugin)).toEqual(['bridge', 'portmap']);
  });

  it('are the same whenever they are asked for', () => {
    const ask = (others: Pod[]) => podCalls(pod('web', '10.244.1.7'), node('10.244.1.0/24'), others);
    expect(ask([pod('other', '10.244.1.2')])).toEqual(ask([]));
  });

  it('hand the ports of the host to portmap', () => {
    const ports = [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 53, hostPort: 5353, protocol: 'UDP', hostIP: '127.0.0.1' },
      { containerPort: 9 },
    ];
    const { calls } = podCalls(pod('web', '10.244.1.7', ports), node('10.244.1.0/24'), []);
    const portMappings = [
      { hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '' },
      { hostPort: 5353, containerPort: 53, protocol: 'udp', hostIP: '127.0.0.1' },
    ];
    expect(calls[1]!.capabilityArgs).toEqual({ portMappings });
    expect(calls[1]!.invocations![1]!.config.runtimeConfig).toEqual({ portMappings });
  });

  it('are none before it has an address, unless they are refused', () => {
    expect(podCalls(pod('web'), node('10.244.1.0/24'), []).calls).toEqual([]);
  });

  it('are none for a pod on the network of its node', () => {
    const own = pod('proxy', '172.18.0.2');
    own.spec.hostNetwork = true;
    expect(podCalls(own, node('10.244.1.0/24'), []).calls).toEqual([]);
  });

  it('tell why there is no address, in the words of the plugin', () => {
    const others = Array.from({ length: 5 }, (_, i) => pod(`p${i}`, `10.244.1.${i + 2}`));
    const waiting = podCalls(pod('web'), node('10.244.1.0/29'), [...others, pod('web')]);
    expect(attachmentFault(waiting)).toBe(
      `rpc error: code = Unknown desc = failed to setup network for sandbox "${waiting.containerID}": plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.6`,
    );
    // A pod that is over holds nothing.
    others[2]!.status!.phase = 'Succeeded';
    expect(attachmentFault(podCalls(pod('web'), node('10.244.1.0/29'), others))).toBeUndefined();
  });
});

/** The kubelet gives addresses faster than by calling the plugins: it must be to the same pods. */
it('gives each pod the address that host-local gives it', () => {
  const podCIDR = '10.244.1.0/28';
  let state: NetworkState = { podCIDR, reserved: [] };
  const there = new Map<string, Pod>();
  for (let i = 0; i < 60; i++) {
    const made = addNetwork(state);
    const name = `p${i}`;
    const fault = attachmentFault(podCalls(pod(name), node(podCIDR), [...there.values()]));
    expect(fault === undefined).toBe(made !== undefined);
    if (made) {
      const { result } = podCalls(pod(name, made.address), node(podCIDR), []).calls[1]!;
      expect(result).toMatchObject({ ips: [{ address: made.cidr, gateway: made.gateway }] });
      there.set(name, pod(name, made.address));
      state = { ...state, reserved: [...state.reserved, made.address], lastReserved: made.address };
    }
    const [first] = there;
    if (i % 3 === 2 && first) {
      state = deleteNetwork(state, first[1].status!.podIP!);
      there.delete(first[0]);
    }
  }
});
