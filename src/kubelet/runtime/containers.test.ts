import { describe, expect, it } from 'vitest';
import { createRandom } from '../../simulation/random.ts';
import { advance, BACKOFF_LIMIT_MS, type ContainerStatus, waitingStatus } from './containers.ts';

const START = Date.parse('2026-01-05T10:00:00Z');

const context = (now: number, restartPolicy = 'Always') => ({
  now: START + now,
  random: createRandom('s', String(now)),
  podText: 'p_default(uid)',
  restartPolicy,
  mayBeReady: true,
  isInit: false,
  probeLag: 0,
  user: { uid: 0, gid: 0, supplementalGroups: [0] },
  health: {},
  hookFails: false,
  endsAtOnce: () => undefined,
  killed: () => ({ code: 137, after: 0 }),
});

/** The container's statuses as the kubelet would write them until nothing more happens at this instant. */
function settle(command: string[] | undefined, last: ContainerStatus, now: number, policy?: string): ContainerStatus {
  const container = { name: 'c', image: 'busybox', ...(command ? { command } : {}) };
  let status = last;
  for (let i = 0; i < 5; i++) status = advance(container, status, context(now, policy)).status;
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
    let status = settle(['false'], fresh, 0);
    expect(status.state.waiting?.message).toBe('back-off 10s restarting failed container=c pod=p_default(uid)');
    expect(status.restartCount).toBe(1);
    status = settle(['false'], status, 10_000);
    expect(status.restartCount).toBe(2);
    expect(status.state.waiting?.message).toMatch(/^back-off 20s/);
    status = settle(['false'], status, 30_000);
    expect(status.restartCount).toBe(3);
    expect(status.state.waiting?.message).toMatch(/^back-off 40s/);
  });

  it('stays down when its policy says so', () => {
    expect(settle(['true'], fresh, 0, 'OnFailure').state.terminated?.exitCode).toBe(0);
    expect(settle(['false'], fresh, 0, 'Never').state.terminated?.exitCode).toBe(1);
    expect(settle(['false'], fresh, 0, 'OnFailure').restartCount).toBe(1);
  });
});

it('a container is started again after ever longer pauses, up to a limit', () => {
  let status = settle(['false'], fresh, 0);
  const pauses: number[] = [];
  for (let now = 0, i = 0; i < 7; i++) {
    const [, minutes = '0', seconds = '0'] =
      /back-off (?:(\d+)m)?(\d+)s/.exec(status.state.waiting?.message ?? '') ?? [];
    const pause = (Number(minutes) * 60 + Number(seconds)) * 1000;
    pauses.push(pause);
    // A millisecond sooner it still waits.
    expect(settle(['false'], status, now + pause - 1).restartCount).toBe(status.restartCount);
    now += pause;
    status = settle(['false'], status, now);
  }
  expect(pauses).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, BACKOFF_LIMIT_MS, BACKOFF_LIMIT_MS]);
});
