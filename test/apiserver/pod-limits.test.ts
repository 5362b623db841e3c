/** Limits of what a pod or a service is given: at each of them all is done, beyond it only so much, or nothing. */
import { expect, it } from 'vitest';
import { MAX_MERGED_TOLERATIONS } from '../../src/admission/runtime-class.ts';
import { LOG_MESSAGE_MAX, MESSAGE_MAX } from '../../src/kubelet/runtime/termination-message.ts';
import { MAX_EVERY, parseSchedule } from '../../src/resources/batch/cron-schedule.ts';
import { INT32_MAX as JOB_INT32_MAX } from '../../src/resources/batch/job.ts';
import { NAME_MAX } from '../../src/resources/core/pod/app-armor.ts';
import { REFERENCE_MAX } from '../../src/resources/core/pod/defaults.ts';
import { INT32_MAX } from '../../src/resources/core/pod/update.ts';
import { createSandbox } from '../simulation/sandbox.ts';

const CORE = '/api/v1/namespaces/default';
const PODS = `${CORE}/pods`;
const sandbox = createSandbox(1);
const container = { name: 'c', image: 'busybox' };
const make = (name: string, spec: object, metadata: object = {}) =>
  sandbox.request('POST', PODS, { metadata: { name, ...metadata }, spec: { containers: [container], ...spec } });

it('an image that is too long to be a reference has no tag, and so is not pulled always', async () => {
  const policy = async (name: string, length: number): Promise<string> => {
    const image = `${'a/'.repeat(REFERENCE_MAX / 2).slice(0, -2)}a`.padEnd(length, 'a');
    const pod = await make(name, { containers: [{ name: 'c', image }] });
    return pod.spec.containers[0].imagePullPolicy;
  };
  expect(await policy('readable', REFERENCE_MAX)).toBe('Always');
  expect(await policy('unreadable', REFERENCE_MAX + 1)).toBe('IfNotPresent');
});

it('an AppArmor profile in an annotation becomes a field if its name is not too long', async () => {
  const profile = async (name: string, length: number): Promise<unknown> => {
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/c': `localhost/${'p'.repeat(length)}` };
    const pod = await make(name, {}, { annotations });
    return pod.spec?.containers[0].securityContext?.appArmorProfile?.type;
  };
  expect(await profile('short-profile', NAME_MAX)).toBe('Localhost');
  expect(await profile('long-profile', NAME_MAX + 1)).toBeUndefined();
});

it('a deadline can be set later, up to 32 bits', async () => {
  await make('late', {});
  const change = (activeDeadlineSeconds: number) =>
    sandbox.request('PATCH', `${PODS}/late`, { spec: { activeDeadlineSeconds } });
  expect(await change(INT32_MAX + 1)).toMatchObject({ kind: 'Status' });
  expect((await sandbox.request('GET', `${PODS}/late`)).spec.activeDeadlineSeconds).toBeUndefined();
  expect((await change(INT32_MAX)).spec.activeDeadlineSeconds).toBe(INT32_MAX);
});

it('a Job whose indexes have limits of their own has none itself', async () => {
  const limit = async (name: string, spec: object): Promise<number> => {
    const template = { spec: { restartPolicy: 'Never', containers: [container] } };
    const job = { metadata: { name }, spec: { completionMode: 'Indexed', completions: 1, template, ...spec } };
    return (await sandbox.request('POST', '/apis/batch/v1/namespaces/default/jobs', job)).spec.backoffLimit;
  };
  expect(await limit('by-index', { backoffLimitPerIndex: 1 })).toBe(JOB_INT32_MAX);
  expect(await limit('whole', {})).toBe(6);
});

it('a schedule by a duration has one that Go can count', () => {
  const hours = Math.floor(MAX_EVERY / 3_600_000);
  expect(parseSchedule(`@every ${hours}h`)).toEqual({ every: hours * 3_600_000 });
  expect(() => parseSchedule(`@every ${hours + 1}h`)).toThrow('invalid duration');
});

it('of few tolerations those are left out that another one covers', async () => {
  const kept = async (name: string, count: number): Promise<number> => {
    await sandbox.request('POST', '/apis/node.k8s.io/v1/runtimeclasses', {
      metadata: { name },
      handler: 'h',
      scheduling: { tolerations: [{ key: 'k', operator: 'Exists' }] },
    });
    // Two are of every pod, and one of the class.
    const tolerations = Array.from({ length: count - 3 }, (_, i) => ({ key: 'k', operator: 'Equal', value: `v${i}` }));
    return (await make(name, { runtimeClassName: name, tolerations })).spec.tolerations.length;
  };
  expect(await kept('few', MAX_MERGED_TOLERATIONS)).toBeLessThan(10);
  expect(await kept('many', MAX_MERGED_TOLERATIONS + 3)).toBeGreaterThan(MAX_MERGED_TOLERATIONS - 3);
});

it.each([
  ['its file, from the beginning', MESSAGE_MAX, 'printf "$T" > /dev/termination-log; exit 1', 0],
  ['its output, from the end', LOG_MESSAGE_MAX, 'printf "$T"; exit 1', 1],
])('why a container has ended is read from %s', async (name, limit, script, from) => {
  const text = (length: number): string => Array.from({ length }, (_, i) => i % 10).join('');
  const message = async (length: number): Promise<string> => {
    const pod = `end-${name.slice(4, 6)}-${length}`;
    const env = [{ name: 'T', value: text(length) }];
    const command = ['sh', '-c', script];
    const containers = [{ ...container, command, env, terminationMessagePolicy: 'FallbackToLogsOnError' }];
    await make(pod, { restartPolicy: 'Never', containers });
    sandbox.advance(60_000);
    return (await sandbox.request('GET', `${PODS}/${pod}`)).status.containerStatuses[0].state.terminated.message;
  };
  expect(await message(limit)).toBe(text(limit));
  expect(await message(limit + 1)).toBe(from === 0 ? text(limit) : text(limit + 1).slice(1));
});
