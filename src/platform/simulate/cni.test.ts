import { expect, it } from 'vitest';
import { machineWithPod } from '../../network/cni/test-call.ts';
import { limitedWork } from '../../simulation/work-budget.ts';
import { isOfPods, simulateCniCall } from './cni.ts';
import { cniBody, cniCallRequest, MAX_CNI_ATTACHMENTS, MAX_CNI_FILES, MAX_CNI_VARIABLE } from './cni-schemas.ts';
import { ANONYMOUS_LIMITS } from './limits.ts';

const ADD = {
  plugin: 'host-local',
  command: 'ADD',
  containerID: 'c1',
  netns: '/var/run/netns/pod-1',
  ifname: 'eth0',
  path: '/opt/cni/bin',
};
const config = { cniVersion: '1.0.0', name: 'n', ipam: { type: 'host-local', ranges: [[{ subnet: '10.1.2.0/24' }]] } };
const ask = (body: object, steps = ANONYMOUS_LIMITS.cniSteps) =>
  simulateCniCall(cniCallRequest.parse(body), limitedWork(steps));

it('gives the address, and the machine afterwards', () => {
  const { exitCode, result, state } = ask({ ...ADD, config });
  expect([exitCode, result]).toEqual([
    0,
    { cniVersion: '1.0.0', ips: [{ address: '10.1.2.2/24', gateway: '10.1.2.1' }] },
  ]);
  expect(ask({ ...ADD, containerID: 'c2', config, state }).result).toMatchObject({ ips: [{ address: '10.1.2.3/24' }] });
});

it('tells of text that is no JSON as a plugin does', () => {
  expect(ask({ ...ADD, text: '{' }).result).toEqual({
    code: 6,
    msg: 'error unmarshall network config: unexpected end of JSON input',
  });
  expect(cniCallRequest.safeParse({ ...ADD, config, text: '' }).success).toBe(false);
});

it('drives a list, and says what the library says', () => {
  const list = { ...ADD, plugin: undefined, state: machineWithPod() };
  const plugins = [{ type: 'bridge', ipam: config.ipam }, { type: 'nothing-like-it' }];
  const answer = ask({ ...list, config: { ...config, plugins } });
  expect([answer.exitCode, answer.invocations?.length, answer.error]).toEqual([
    1,
    1,
    'plugin type="nothing-like-it" failed (add): failed to find plugin "nothing-like-it" in path [/opt/cni/bin]',
  ]);
});

it('is told apart from a question about pods', () => {
  expect(isOfPods(cniBody.parse({ ...ADD, config }))).toBe(false);
  expect(isOfPods(cniBody.parse({ nodes: [], pods: [] }))).toBe(true);
  const wrong = cniBody.safeParse({ ...ADD, plugin: 'dhcp' });
  expect(wrong.error?.issues.map(({ path }) => path)).toEqual([['plugin']]);
});

it('has a limit on what it is told', () => {
  const accepts = (body: object) => cniCallRequest.safeParse(body).success;
  const files = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`/${i}`, '']));
  expect([MAX_CNI_FILES, MAX_CNI_FILES + 1].map((count) => accepts({ state: { files: files(count) } }))).toEqual([
    true,
    false,
  ]);
  const valid = (count: number) => Array.from({ length: count }, () => ({ containerID: 'c', ifname: 'e' }));
  expect(
    [MAX_CNI_ATTACHMENTS, MAX_CNI_ATTACHMENTS + 1].map((count) => accepts({ validAttachments: valid(count) })),
  ).toEqual([true, false]);
  const args = (length: number) => accepts({ args: 'x'.repeat(length) });
  expect([MAX_CNI_VARIABLE, MAX_CNI_VARIABLE + 1].map(args)).toEqual([true, false]);
});

it('does so much and no more', () => {
  const sets = Array.from({ length: 1000 }, (_, i) => [{ subnet: `10.${i >> 8}.${i & 255}.0/24` }]);
  const many = { ...ADD, config: { ...config, ipam: { type: 'host-local', ranges: sets } } };
  expect(() => ask(many)).toThrow('it takes more than');
  expect(ask(many, 10_000_000).exitCode).toBe(0);
});
