import { expect, it } from 'vitest';
import type { KubeObject } from '../../objects/object.ts';
import { storedText } from '../storage/stored.ts';
import { EventForms, MAX_FORMS } from './event-form.ts';

const NOW = '2026-01-05T10:00:00Z';

/** An event with a field of its own, as it is sent and as the stages would make it. */
const eventOf = (field: string): { sent: KubeObject; decided: KubeObject } => {
  const body = { reason: 'Created', [field]: 'x' };
  const names = { name: 'a', namespace: 'default' };
  const managedFields = [{ manager: 'm', time: NOW }];
  return {
    sent: { apiVersion: 'v1', kind: 'Event', metadata: names, ...body },
    decided: {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { ...names, managedFields, uid: 'u', creationTimestamp: NOW },
      ...body,
    },
  };
};

it('remembers so many forms, and of them those that were met last', () => {
  const forms = new EventForms();
  const make = (field: string) => forms.make('m', eventOf(field).sent, () => ({ uid: 'u', now: NOW }));
  for (let i = 0; i < MAX_FORMS; i++) {
    const { sent, decided } = eventOf(`f${i}`);
    forms.learn('m', sent, decided);
    expect(make(`f${i}`)?.text).toBe(storedText(decided));
  }
  expect(make('f0')).toBeDefined();
  const { sent, decided } = eventOf('another');
  forms.learn('m', sent, decided);
  expect([make('another'), make('f0'), make('f1')].map((made) => made !== undefined)).toEqual([true, true, false]);
});
