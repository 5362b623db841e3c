import { describe, expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../test/loose-object.ts';
import type { StageContext } from '../../catalog/strategy.ts';
import { createRandom } from '../../simulation/random.ts';
import { builtIn } from '../built-in.ts';

const context: StageContext = {
  now: '2026-01-05T10:00:00Z',
  random: createRandom('seed', 'workloads'),
  namespace: 'default',
  view: { revision: 1, get: () => undefined, list: () => [] },
  serviceCIDR: '10.96.0.0/16',
  nodePortRange: [30000, 32767],
  dryRun: false,
};

const labels = { app: 'a' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'x' }] } };

function make(resource: string, spec: LooseObject): KubeObject {
  const kind = builtIn(resource);
  const { strategy } = kind;
  const object: KubeObject = {
    apiVersion: `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: { name: 'x', uid: 'u' },
    spec: structuredClone(spec),
  };
  strategy.defaults!(object);
  strategy.prepareForCreate?.(object, context);
  return object;
}

const errors = (resource: string, spec: LooseObject): string[] =>
  builtIn(resource).strategy.validate!(make(resource, spec), context).map((e) => `${e.field}: ${e.message}`);

describe('workloads', () => {
  it('have defaults', () => {
    expect(make('deployments.apps', { selector: { matchLabels: labels }, template }).spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    expect(make('statefulsets.apps', { selector: { matchLabels: labels }, template }).spec).toMatchObject({
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
    });
  });

  it('need a selector that their pods meet', () => {
    expect(errors('deployments.apps', { template })).toContain('spec.selector: Required value');
    expect(errors('replicasets.apps', { selector: { matchLabels: { app: 'b' } }, template })).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ]);
  });

  it('roll by some pod at a time', () => {
    const strategy = { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } };
    expect(errors('deployments.apps', { selector: { matchLabels: labels }, template, strategy })).toEqual([
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ]);
  });
});

describe('a job', () => {
  const once = { template: { spec: { ...template.spec, restartPolicy: 'Never' } } };

  it('selects its pods by its own uid', () => {
    const { spec } = make('jobs.batch', once);
    expect(spec.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } });
    expect(spec.template.metadata.labels['job-name']).toBe('x');
    expect(errors('jobs.batch', once)).toEqual([]);
  });

  it('ends', () => {
    expect(errors('jobs.batch', { template })).toEqual([
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ]);
  });

  it.each([
    ['* * *', 'expected exactly 5 fields, found 3: [* * *]'],
    ['99 * * * *', 'end of range (99) above maximum (59): 99'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['@never', 'unrecognized descriptor: @never'],
  ])('does not run at %s', (schedule, words) => {
    const spec = { schedule, jobTemplate: { spec: once } };
    expect(errors('cronjobs.batch', spec)).toEqual([
      `spec.schedule: Invalid value: ${JSON.stringify(schedule)}: ${words}`,
    ]);
  });

  it.each(['0 0 * * sun', '*/5 8-18 1,15 jan-mar ?', '@hourly', '@every 1h30m'])('runs at %s', (schedule) => {
    expect(errors('cronjobs.batch', { schedule, jobTemplate: { spec: once } })).toEqual([]);
  });
});
