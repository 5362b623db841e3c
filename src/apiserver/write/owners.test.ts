import { expect, it } from 'vitest';
import type { KubeObject } from '../../objects/object.ts';
import { dropSameOwners } from './owners.ts';

const owner = (uid: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid, ...more });

function dropped(owners: object[], when: 'sent' | 'admitted') {
  const object = { metadata: { name: 'a', ownerReferences: owners } } as unknown as KubeObject;
  const warnings: string[] = [];
  dropSameOwners(object, { warn: (text) => void warnings.push(text) }, when);
  return { owners: object.metadata.ownerReferences, warnings };
}

it('names an owner once, and says so', () => {
  const owners = [owner('1'), owner('2'), owner('1'), owner('2'), owner('1')];
  const { owners: kept, warnings } = dropped(owners, 'sent');
  expect(kept).toEqual([owner('1'), owner('2')]);
  expect(warnings).toEqual([
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 1, 2, 1',
  ]);
  expect(dropped(owners, 'admitted').warnings[0]).toMatch(
    /^\.metadata\.ownerReferences contains duplicate entries after mutating admission happens; API server/,
  );
});

it('leaves what differs in anything', () => {
  const owners = [owner('1'), owner('1', { controller: true }), owner('2')];
  expect(dropped(owners, 'sent')).toEqual({ owners, warnings: [] });
});
