import { expect, it } from 'vitest';
import type { LooseObject as KubeObject } from '../../../test/loose-object.ts';
import { rejection } from './rejection.ts';

const node = (taints: object[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  spec: { taints },
  status: { allocatable: { cpu: '1', memory: '1Gi', pods: '9' } },
});

const pod = (spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default' },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'nginx' }], ...spec },
});

it('takes no pod that does not tolerate its NoExecute taint, whatever it thinks of NoSchedule', () => {
  expect(rejection(pod(), node([{ key: 'k', effect: 'NoSchedule' }]), [])).toBeUndefined();
  const tainted = node([{ key: 'k', effect: 'NoExecute' }]);
  expect(rejection(pod(), tainted, [])).toEqual({
    reason: 'TaintToleration',
    message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
  });
  expect(rejection(pod({ tolerations: [{ key: 'k', operator: 'Exists' }] }), tainted, [])).toBeUndefined();
});

it.each([
  ['net.ipv4.tcp_syncookies', {}, undefined],
  ['net/ipv4/tcp_syncookies', {}, undefined],
  ['net.ipv4.tcp_syncookies', { hostNetwork: true }, '"net.ipv4.tcp_syncookies" not allowed with host net enabled'],
  ['kernel.shm_rmid_forced', { hostIPC: true }, '"kernel.shm_rmid_forced" not allowed with host ipc enabled'],
  ['kernel/msgmax', {}, '"kernel.msgmax" not allowlisted'],
])('lets a pod set %s only as far as that is its own: %j', (name, spec, words) => {
  const refused = rejection(pod({ ...spec, securityContext: { sysctls: [{ name, value: '1' }] } }), node([]), []);
  expect(refused?.message).toBe(words && `forbidden sysctl: ${words}`);
});
