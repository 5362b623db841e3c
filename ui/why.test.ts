import { describe, expect, it } from 'vitest';
import type { ApiObject } from './model.ts';
import { shortFitMessage, whyOf } from './why.ts';

const pod = (parts: Partial<ApiObject>): ApiObject => ({ metadata: { name: 'a' }, ...parts });
const conditions = (type: string, message: string, reason = '') => [{ type, status: 'False', reason, message }];

describe('why', () => {
  it.each([
    [
      '0/3 nodes are available: 1 node(s) had untolerated taint {gpu: true}, 2 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      '2 nodes: not enough cpu · 1: taint gpu',
    ],
    ['0/1 nodes are available: 1 Too many pods.', '1 node: full of pods'],
    [
      "0/4 nodes are available: 1 node(s) were unschedulable, 3 node(s) didn't match Pod's node affinity/selector. preemption: x.",
      '3 nodes: other labels · 1: cordoned',
    ],
    ['0/2 nodes are available: 2 node(s) had something new.', '2 nodes: had something new'],
    [
      '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: x',
      'pod has unbound immediate PersistentVolumeClaims',
    ],
    ['no nodes available to schedule pods', 'no nodes available to schedule pods'],
  ])('is short: %s', (message, words) => {
    expect(shortFitMessage(message)).toBe(words);
  });

  it.each([
    [
      { status: { conditions: conditions('PodScheduled', '0/1 nodes are available: 1 Insufficient memory.') } },
      '1 node: not enough memory',
    ],
    [{}, 'no scheduler has looked at it yet'],
    [
      {
        spec: { schedulingGates: [{ name: 'a' }, { name: 'b' }] },
        status: { conditions: conditions('PodScheduled', 'Scheduling is blocked', 'SchedulingGated') },
      },
      'gated by a, b',
    ],
    [
      {
        spec: { nodeName: 'n' },
        status: { phase: 'Running', conditions: conditions('Ready', 'containers with unready status: [web]') },
      },
      'containers with unready status: [web]',
    ],
    [
      { status: { phase: 'Failed', message: 'The node was low on resource: memory.' } },
      'The node was low on resource: memory.',
    ],
    [
      { status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { reason: 'Error', exitCode: 1 } } }] } },
      'Error, exit 1',
    ],
    [{ metadata: { name: 'a', deletionTimestamp: 'x', deletionGracePeriodSeconds: 30 } }, 'has 30 s to end'],
    [{ metadata: { name: 'a', deletionTimestamp: 'x', finalizers: ['a/b'] } }, 'waits for a/b'],
    [{ spec: { nodeName: 'n' }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, ''],
  ])('is told of a pod: %j', (parts, words) => {
    expect(whyOf(pod(parts))).toBe(words);
  });
});
