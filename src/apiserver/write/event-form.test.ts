/** Which forms of events are remembered; that they are stored as the stages store them is tried in component-write.test.ts. */
import { expect, it } from 'vitest';
import { newEvent } from '../../controllers/events.ts';
import type { KubeObject } from '../../objects/object.ts';
import { EventForms, MAX_FORMS } from './event-form.ts';

const NOW = '2026-01-01T00:00:00Z';
const ABOUT = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
} as KubeObject;

/** An event with a name, and what the stages make of it. */
function event(): [KubeObject, KubeObject] {
  const told = newEvent(ABOUT, { component: 'kubelet' }, { reason: 'Started', message: 'm' }, Date.parse(NOW));
  const { apiVersion, kind, metadata: _, ...rest } = told;
  const names = { name: 'web.1', namespace: 'default' };
  const managedFields = [{ manager: 'kubelet', operation: 'Update', time: NOW }];
  const metadata = { ...names, managedFields, uid: 'e', creationTimestamp: NOW };
  return [{ apiVersion, kind, metadata: names, ...rest }, { kind, apiVersion, metadata, ...rest } as KubeObject];
}

it('remembers so many forms, and forgets the one that was not told for the longest', () => {
  const forms = new EventForms();
  const [sent, decided] = event();
  const learn = (count: number): void => {
    for (let i = 0; i < count; i++) forms.learn(`manager-${i}`, sent, decided);
  };
  const make = (manager: string) => forms.make(manager, sent, () => ({ uid: 'f', now: '2026-01-01T00:00:01Z' }));
  learn(MAX_FORMS);
  expect(make('manager-0')?.object.metadata).toMatchObject({ uid: 'f', creationTimestamp: '2026-01-01T00:00:01Z' });
  expect(make('nobody')).toBeUndefined();
  learn(MAX_FORMS + 1);
  expect([make('manager-0'), make('manager-1')].filter(Boolean)).toHaveLength(1);
});

it('tells nothing by a form of which the stages make something else', () => {
  const forms = new EventForms();
  const [sent, decided] = event();
  forms.learn('kubelet', sent, { ...decided, message: 'changed' });
  expect(forms.make('kubelet', sent, () => ({ uid: 'f', now: NOW }))).toBeUndefined();
});
