import { expect, it } from 'vitest';
import { REALISTIC } from '../pace.ts';
import { Life } from './life.ts';

const began = (probes: object): Life =>
  new Life({ container: { name: 'c', ...probes }, attempt: 0, startedAt: 1000, grid: 0, pace: REALISTIC });

it('is neither ready nor started up before anybody has probed it', () => {
  const probe = { exec: { command: ['true'] } };
  expect(began({ readinessProbe: probe })).toMatchObject({ isStarted: true, isReady: false });
  expect(began({ startupProbe: probe })).toMatchObject({ isStarted: false, isReady: false });
  expect(began({ livenessProbe: probe })).toMatchObject({ isStarted: true, isReady: true });
  expect(began({})).toMatchObject({ isStarted: true, isReady: true });
});
