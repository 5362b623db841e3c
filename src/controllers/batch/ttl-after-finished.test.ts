import { expect, it } from 'vitest';
import { lines, NOW, object, reconciled, SECOND } from '../test-view.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';

const controller = ttlAfterFinishedController();
const job = (type: string, ttlSecondsAfterFinished?: number) =>
  object('Job', 'j', {
    spec: { ttlSecondsAfterFinished },
    status: { conditions: [{ type, status: 'True', lastTransitionTime: '2026-01-05T10:00:00Z' }] },
  });

it.each(['Complete', 'Failed'])('deletes a Job that is %s when its time is over, and its pods before it', (type) => {
  const early = reconciled(controller, 'ns/j', [job(type, 30)], { now: NOW + 30 * SECOND - 1 });
  expect(early).toEqual({ writes: [], requeueAt: NOW + 30 * SECOND });
  const result = reconciled(controller, 'ns/j', [job(type, 30)], { now: NOW + 30 * SECOND });
  expect(lines(result)).toEqual(['delete jobs.batch j']);
  expect(result.writes[0]).toMatchObject({ propagationPolicy: 'Foreground', uid: 'Job/j' });
});

it('leaves Jobs that are not over, or have no such time', () => {
  expect(reconciled(controller, 'ns/j', [job('Suspended', 0)])).toEqual({ writes: [] });
  expect(reconciled(controller, 'ns/j', [job('Complete')])).toEqual({ writes: [] });
  expect(lines(reconciled(controller, 'ns/j', [job('Complete', 0)]))).toEqual(['delete jobs.batch j']);
});
