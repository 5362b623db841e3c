import { describe, expect, it } from 'vitest';
import type { ApiObject } from './model.ts';
import { storiesOf } from './stories.ts';

let revision = 0;

/** `at`: seconds of a minute. */
function event(at: number, reason: string, about: string, message = '', more: Partial<ApiObject> = {}): ApiObject {
  const [kind, name] = about.split('/');
  revision++;
  return {
    metadata: { name: `e${revision}`, uid: `u${revision}`, namespace: 'default', resourceVersion: `${revision}` },
    involvedObject: { kind, name, namespace: 'default' },
    reason,
    message,
    type: 'Normal',
    lastTimestamp: `2026-01-01T00:00:${String(at).padStart(2, '0')}Z`,
    ...more,
  };
}

const podEvents = (at: number, pod: string): ApiObject[] => [
  event(at, 'Scheduled', `Pod/${pod}`, 'Successfully assigned', {
    lastTimestamp: null,
    eventTime: `2026-01-01T00:00:0${at}.123456Z`,
  }),
  ...['Pulling', 'Pulled', 'Created', 'Started'].map((reason) => event(at, reason, `Pod/${pod}`)),
];

const scaled = (at: number, set: string, to: number): ApiObject =>
  event(at, 'ScalingReplicaSet', 'Deployment/web', `Scaled up replica set ${set} from 0 to ${to}`);

const shape = (events: ApiObject[]) =>
  storiesOf(events).map(({ lines }) => lines.map((line) => `${line.reasons.join(' ')} ${line.about.length}`));

describe('stories', () => {
  it('lead with the cause, and fold what the kubelets did for it', () => {
    const events = [
      scaled(1, 'web-1', 2),
      event(1, 'SuccessfulCreate', 'ReplicaSet/web-1', 'Created pod: web-1-a'),
      event(1, 'SuccessfulCreate', 'ReplicaSet/web-1', 'Created pod: web-1-b'),
      ...podEvents(1, 'web-1-a'),
      ...podEvents(2, 'web-1-b'),
    ];
    const told = ['ScalingReplicaSet 1', 'SuccessfulCreate 1', 'Scheduled 2', 'Pulling Pulled Created Started 2'];
    expect(shape(events)).toEqual([told]);
    // In whatever order they come.
    expect(shape(events.toReversed())).toEqual([told]);
    const [{ lines, time }] = storiesOf(events) as [ReturnType<typeof storiesOf>[0]];
    expect(time.slice(17, 19)).toBe('02');
    expect(lines.map((line) => line.again)).toEqual([false, false, false, true]);
    expect(lines.map((line) => line.message)).toEqual([
      'Scaled up replica set web-1 from 0 to 2',
      '',
      'Successfully assigned',
      '',
    ]);
  });

  it('say why something failed, in the words that say most', () => {
    const failed = (message: string): ApiObject => event(1, 'Failed', 'Pod/a', message, { type: 'Warning' });
    const pull = 'Failed to pull image "a:404": not found';
    const [story] = storiesOf([failed(pull), failed('Error: ErrImagePull'), failed('Error: ImagePullBackOff')]);
    expect(story!.lines).toMatchObject([{ message: pull, count: 3, warning: true }]);
    const unfit = (message: string): ApiObject => event(1, 'FailedScheduling', 'Pod/b', message, { type: 'Warning' });
    expect(storiesOf([unfit('0/1 nodes'), unfit('0/2 nodes')])[0]!.lines[0]!.message).toBe('0/2 nodes');
  });

  it('begin anew with the next change, which is told first', () => {
    const events = [
      scaled(1, 'web-1', 1),
      event(1, 'SuccessfulCreate', 'ReplicaSet/web-1', 'Created pod: web-1-a'),
      scaled(5, 'web-1', 2),
      event(5, 'SuccessfulCreate', 'ReplicaSet/web-1', 'Created pod: web-1-b'),
      ...podEvents(5, 'web-1-b'),
      event(6, 'SuccessfulDelete', 'ReplicaSet/web-1', 'Deleted pod: web-1-a'),
      event(6, 'Killing', 'Pod/web-1-a'),
    ];
    expect(shape(events)).toEqual([
      [
        'ScalingReplicaSet 1',
        'SuccessfulCreate 1',
        'Scheduled 1',
        'Pulling Pulled Created Started 1',
        'SuccessfulDelete 1',
        'Killing 1',
      ],
      ['ScalingReplicaSet 1', 'SuccessfulCreate 1'],
    ]);
  });

  it('put a warning beside what went well, and its repetitions together', () => {
    const failed = (at: number) =>
      event(at, 'FailedScheduling', 'Pod/web-1-a', '0/3 nodes are available: 3 Insufficient cpu.', { type: 'Warning' });
    const events = [
      scaled(1, 'web-1', 1),
      event(1, 'SuccessfulCreate', 'ReplicaSet/web-1', 'Created pod: web-1-a'),
      failed(2),
      failed(9),
    ];
    const [first, second] = storiesOf(events);
    expect([first!.lines[0]!.reason, first!.lines[0]!.warning, first!.lines[0]!.count]).toEqual([
      'FailedScheduling',
      true,
      2,
    ]);
    expect(second!.lines).toHaveLength(2);
  });

  it('fold the start of a kubelet, with its usual warning', () => {
    const events = ['Starting', 'InvalidDiskCapacity', 'NodeHasSufficientMemory', 'NodeReady'].map((reason) =>
      event(1, reason, 'Node/node-1', '', reason === 'InvalidDiskCapacity' ? { type: 'Warning' } : {}),
    );
    expect(storiesOf(events).map(({ lines }) => lines.map((line) => [line.reasons.length, line.warning]))).toEqual([
      [[4, false]],
    ]);
  });
});
