import { expect, it } from 'vitest';
import { REALISTIC } from '../pace.ts';
import { Life } from './life.ts';

const began = (probes: object, followsStarted = false): Life => {
  const container = { name: 'c', ...probes };
  return new Life({ container, attempt: 0, startedAt: 1000, grid: 0, pace: REALISTIC, followsStarted });
};

it('is neither ready nor started up before anybody has probed it', () => {
  const probe = { exec: { command: ['true'] } };
  expect(began({ readinessProbe: probe })).toMatchObject({ isStarted: true, isReady: false });
  expect(began({ startupProbe: probe })).toMatchObject({ isStarted: false, isReady: false });
  expect(began({ livenessProbe: probe })).toMatchObject({ isStarted: true, isReady: true });
  expect(began({})).toMatchObject({ isStarted: true, isReady: true });
});

it('counts as started up after a run that was, until it is probed itself', () => {
  const startupProbe = { exec: { command: ['true'] } };
  const life = began({ startupProbe }, true);
  expect(life).toMatchObject({ isStarted: true, isReady: true });
  const fault = { message: 'failed: no', error: 'no' };
  life.probers(1000)[0]!.step(
    60_000,
    () => ({ outcome: () => ({ fault }), deadline: 0 }),
    () => undefined,
  );
  expect(life).toMatchObject({ isStarted: false, isReady: false });
  expect(began({ startupProbe, readinessProbe: startupProbe }, true)).toMatchObject({
    isStarted: true,
    isReady: false,
  });
});
