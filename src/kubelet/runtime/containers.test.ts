import { describe, expect, it } from 'vitest';
import type { Pod } from '../../objects/generated/core-v1.gen.ts';
import { createRandom } from '../../simulation/random.ts';
import { INSTANT } from '../pace.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { type ContainerStatus, waitingStatus } from './container-status.ts';
import { advance, type ContainerContext } from './containers.ts';
import { BACKOFF_LIMIT_MS, mayRestart } from './restart-policy.ts';

const START = Date.parse('2026-01-05T10:00:00Z');

/** A program that ends at once with this code, or stays up. */
const programOf = (exitCode: number | undefined, now: number): ContainerRuntime =>
  ({
    isUnderWay: () => false,
    start: () => undefined,
    postStart: () => undefined,
    resume: () => undefined,
    isStopping: false,
    end: () => (exitCode === undefined ? undefined : { exitCode, at: START + now }),
    due: () => undefined,
    probe: () => ({ told: [] }),
    probeDue: () => undefined,
    isStarted: true,
    isReady: true,
  }) as unknown as ContainerRuntime;

const context = (exitCode: number | undefined, now: number, restartPolicy = 'Always'): ContainerContext => ({
  now: START + now,
  isDue: true,
  pace: INSTANT,
  random: createRandom('s', String(now)),
  podText: 'p_default(uid)',
  mayRestart: (code) => mayRestart({ spec: { restartPolicy } } as Pod, { name: 'c' }, code, false),
  neverRestarts: restartPolicy === 'Never',
  mayBeReady: true,
  isInit: false,
  isSidecar: false,
  user: { uid: 0, gid: 0, supplementalGroups: [0] },
  runtime: programOf(exitCode, now),
});

/** The container's statuses as the kubelet would write them until nothing more happens at this instant. */
function settle(exitCode: number | undefined, last: ContainerStatus, now: number, policy?: string): ContainerStatus {
  const container = { name: 'c', image: 'busybox' };
  let status = last;
  for (let i = 0; i < 5; i++) status = advance(container, status, context(exitCode, now, policy)).status;
  return status;
}

const fresh = waitingStatus({ name: 'c', image: 'busybox' }, 'ContainerCreating');

describe('a container', () => {
  it('runs and is ready at once', () => {
    const status = settle(undefined, fresh, 0);
    expect(status).toMatchObject({ ready: true, started: true, restartCount: 0 });
    expect(status.image).toBe('docker.io/library/busybox:latest');
    expect(status.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
  });

  it('is started again at once, and then after ten seconds, twenty, and so on', () => {
    let status = settle(1, fresh, 0);
    expect(status.state.waiting?.message).toBe('back-off 10s restarting failed container=c pod=p_default(uid)');
    expect(status.restartCount).toBe(1);
    status = settle(1, status, 10_000);
    expect(status.restartCount).toBe(2);
    expect(status.state.waiting?.message).toMatch(/^back-off 20s/);
    status = settle(1, status, 30_000);
    expect(status.restartCount).toBe(3);
    expect(status.state.waiting?.message).toMatch(/^back-off 40s/);
  });

  it('stays down when its policy says so', () => {
    expect(settle(0, fresh, 0, 'OnFailure').state.terminated?.exitCode).toBe(0);
    expect(settle(1, fresh, 0, 'Never').state.terminated?.exitCode).toBe(1);
    expect(settle(1, fresh, 0, 'OnFailure').restartCount).toBe(1);
  });
});

it('a container is started again after ever longer pauses, up to a limit', () => {
  let status = settle(1, fresh, 0);
  const pauses: number[] = [];
  for (let now = 0, i = 0; i < 7; i++) {
    const [, minutes = '0', seconds = '0'] =
      /back-off (?:(\d+)m)?(\d+)s/.exec(status.state.waiting?.message ?? '') ?? [];
    const pause = (Number(minutes) * 60 + Number(seconds)) * 1000;
    pauses.push(pause);
    // A millisecond sooner it still waits.
    expect(settle(1, status, now + pause - 1).restartCount).toBe(status.restartCount);
    now += pause;
    status = settle(1, status, now);
  }
  expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, BACKOFF_LIMIT_MS, BACKOFF_LIMIT_MS]);
});
