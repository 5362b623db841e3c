import { expect, it } from 'vitest';
import type { LooseObject as KubeObject, LooseObject } from '../../../test/loose-object.ts';
import type { View } from '../../objects/object.ts';
import { flowSchemaController } from './flow-schema.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const schema = (status: unknown = {}): KubeObject => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: { name: 'f' },
  spec: { priorityLevelConfiguration: { name: 'level' } },
  status,
});
const conditionsOf = (object: KubeObject, levels: string[]): LooseObject => {
  const reader = {
    get: (resource: string, _: unknown, name: string) =>
      resource.startsWith('flowschemas') ? object : levels.includes(name) ? { metadata: { name } } : undefined,
  } as unknown as View;
  const { writes } = flowSchemaController().reconcile(reader, 'f', { now: NOW } as LooseObject) as LooseObject;
  return writes[0]?.object.status.conditions;
};

it('says whether the priority level is there, once', () => {
  const dangling = conditionsOf(schema(), []);
  expect(dangling).toEqual([
    {
      type: 'Dangling',
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:00Z',
      reason: 'NotFound',
      message:
        'This FlowSchema references the PriorityLevelConfiguration object named "level" but there is no such object',
    },
  ]);
  const found = conditionsOf(schema({ conditions: dangling }), ['level']);
  expect(found[0]).toMatchObject({
    status: 'False',
    reason: 'Found',
    message: expect.stringMatching(/ and it exists$/),
  });
  expect(conditionsOf(schema({ conditions: found }), ['level'])).toBeUndefined();
});
