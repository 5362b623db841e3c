import { expect, it } from 'vitest';
import { type Behaviour, type BehaviourMatch, conductOf } from './behaviours.ts';

const subject = {
  namespace: 'shop',
  pod: 'web-5fc9f4bf66-fchfc',
  labels: { app: 'web', tier: 'front' },
  container: 'proxy',
  image: 'docker.io/library/nginx:1.27',
};

it.each<[boolean, BehaviourMatch]>([
  [true, {}],
  [true, { namespace: 'shop', container: 'proxy', labels: { app: 'web' } }],
  [false, { labels: { app: 'web', tier: 'back' } }],
  [false, { namespace: 'shop', container: 'web' }],
  [true, { pod: 'web-*' }],
  [true, { pod: '*-fchfc' }],
  [true, { pod: 'web-*-*' }],
  [false, { pod: 'web' }],
  [false, { pod: 'web-*-other' }],
  [true, { image: '*nginx*' }],
  [true, { image: '*/nginx:*' }],
  [false, { image: 'nginx' }],
])('matches or does not (%s): %j', (matches, match) => {
  expect(conductOf([{ match, ready: false }], subject).ready).toBe(matches ? false : undefined);
});

it('goes by the first rule that says something', () => {
  const rules: Behaviour[] = [{ match: {} }, { match: {}, ready: true }, { match: {}, ready: false }];
  expect(conductOf(rules, subject)).toEqual({ ready: true });
});

it('looks for a pattern in one pass', () => {
  const pod = 'a'.repeat(253);
  const match = { pod: `${'*a'.repeat(120)}*b` };
  expect(conductOf([{ match, ready: false }], { ...subject, pod })).toEqual({});
});
