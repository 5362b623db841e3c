import { expect, it } from 'vitest';
import { containerOf, imageOf, machineOf, TEST_START } from '../../machine/test-machine.ts';
import type { Action } from '../probes/outcome.ts';
import { LEAST_GRACE_MS, Stop } from './stop.ts';

const GRACE = 30_000;

const deaf = imageOf({
  '/bin/deaf': {
    program: function* (process) {
      process.handle('TERM', () => undefined);
      for (;;) {
        try {
          yield* process.sleep(1_000_000);
        } catch {
          // It was told to end, and does not.
        }
      }
    },
  },
});

/** When a container that does not hear its signal is killed, milliseconds after its hook, which took `hookMs` of its grace period. */
function killedAfter(hookMs: number): number {
  const machine = machineOf(deaf);
  machine.start(containerOf(['deaf']));
  machine.advance(TEST_START);
  const over = TEST_START + hookMs;
  const hook: Action = { outcome: (now) => (now >= over ? { fault: undefined } : undefined), deadline: over };
  const stop = new Stop({ name: 'c' }, TEST_START, GRACE, hook);
  const step = (now: number): boolean => {
    machine.advance(now);
    stop.step(now, machine, true);
    return stop.isKilled;
  };
  expect(step(TEST_START)).toBe(false);
  expect(step(over)).toBe(false);
  const due = stop.dueAt(undefined);
  expect(step(due - 1)).toBe(false);
  expect(machine.end('c')).toBeUndefined();
  expect(step(due)).toBe(true);
  expect(machine.end('c')?.exitCode).toBe(137);
  return due - over;
}

it('leaves a container so long after its hook, or longer where its grace period is', () => {
  expect(killedAfter(GRACE)).toBe(LEAST_GRACE_MS);
  expect(killedAfter(GRACE - LEAST_GRACE_MS + 1)).toBe(LEAST_GRACE_MS);
  expect(killedAfter(GRACE - LEAST_GRACE_MS)).toBe(LEAST_GRACE_MS);
  expect(killedAfter(GRACE - LEAST_GRACE_MS - 1)).toBe(LEAST_GRACE_MS + 1);
});

it('leaves none where its stop had begun before it was forgotten', () => {
  const machine = machineOf(deaf);
  machine.start(containerOf(['deaf']));
  machine.advance(TEST_START + GRACE);
  const stop = new Stop({ name: 'c' }, TEST_START, GRACE, undefined, true);
  stop.step(TEST_START + GRACE, machine, true);
  expect(stop.isKilled).toBe(true);
});
