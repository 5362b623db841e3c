import { expect, it } from 'vitest';
import { object } from '../controllers/test-view.ts';
import { endOf, LEAST_GRACE_MS } from './termination.ts';

it('gives a container what its hook has left of its grace period, and two seconds at the least', () => {
  const pod = object('Pod', 'p', { spec: { containers: [] } });
  // It does not end by itself, nor when asked to.
  const container = {
    name: 'c',
    image: 'busybox',
    command: ['sh', '-c', 'trap "" TERM; while true; do sleep 1; done'],
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
  };
  const after = (grace: number): number => endOf(pod, container as never, grace).after;
  expect(after(5000 + LEAST_GRACE_MS + 1000)).toBe(5000 + LEAST_GRACE_MS + 1000);
  expect(after(5000 + LEAST_GRACE_MS)).toBe(5000 + LEAST_GRACE_MS);
  expect(after(5000 + LEAST_GRACE_MS - 1000)).toBe(5000 + LEAST_GRACE_MS);
  expect(after(5000)).toBe(5000 + LEAST_GRACE_MS);
});
