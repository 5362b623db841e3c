import { expect, it } from 'vitest';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { clusterRoleAggregationController } from './clusterrole-aggregation.ts';

const controller = clusterRoleAggregationController();
const RULES = {
  pods: { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
  jobs: { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] },
};
const role = (name: string, rules: object[], labels = { view: 'yes' }) =>
  object('ClusterRole', name, { metadata: { labels }, rules });
const whole = (rules: object[] = []) =>
  object('ClusterRole', 'view', {
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { view: 'yes' } }] },
    rules,
  });

it('gathers the rules of those that it selects, each once', () => {
  const parts = [role('a', [RULES.pods]), role('b', [RULES.jobs, RULES.pods]), role('c', [RULES.jobs], { view: 'no' })];
  const result = reconciled(controller, 'view', [whole(), ...parts]);
  expect(written(result, 'update ClusterRole view').rules).toEqual([RULES.pods, RULES.jobs]);
  expect(lines(reconciled(controller, 'view', [whole([RULES.pods, RULES.jobs]), ...parts]))).toEqual([]);
});

it('is concerned by roles that come into it and go out of it, and by no others', () => {
  const before = role('a', [RULES.pods]);
  expect(keysOf(controller, { old: before, new: role('a', [], { view: 'no' }) }, [whole()])).toEqual(['view']);
  expect(keysOf(controller, { new: role('a', [], { view: 'no' }) }, [whole()])).toEqual([]);
  expect(lines(reconciled(controller, 'a', [before]))).toEqual([]);
});
