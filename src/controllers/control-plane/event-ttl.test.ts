import { expect, it } from 'vitest';
import { keysOf, lines, NOW, object, reconciled, SECOND } from '../test-view.ts';
import { eventTtl } from './event-ttl.ts';

const HOUR = 3600 * SECOND;
const controller = eventTtl();
const event = (name: string, lastTimestamp: string) =>
  object('Event', name, { apiVersion: 'v1', lastTimestamp, involvedObject: { uid: 'u' } });

it('takes events away an hour after they were last told, minute by minute', () => {
  const old = event('old', '2026-01-05T10:00:00Z');
  const [key = ''] = keysOf(controller, { new: old });
  const young = event('young', '2026-01-05T10:02:00Z');
  expect(reconciled(controller, key, [old, young], { now: NOW })).toEqual({ writes: [], requeueAt: NOW + HOUR });
  expect(lines(reconciled(controller, key, [old, young], { now: NOW + HOUR - 1 }))).toEqual([]);
  expect(lines(reconciled(controller, key, [old, young], { now: NOW + HOUR }))).toEqual(['delete events old']);
});
