import { expect, it } from 'vitest';
import { lines, object, reconciled, written } from '../test-view.ts';
import { crdEstablishingController } from './crd-establishing.ts';

const definition = (...conditions: [type: string, status: string][]) =>
  object('CustomResourceDefinition', 'foos.example.com', {
    spec: { group: 'example.com', names: { plural: 'foos', kind: 'Foo' } },
    status: { conditions: conditions.map(([type, status]) => ({ type, status })) },
  });

const established = (...conditions: [type: string, status: string][]) =>
  reconciled(crdEstablishingController(), 'foos.example.com', [definition(...conditions)]);

it('establishes a definition once its names are accepted', () => {
  expect(lines(established())).toEqual([]);
  expect(lines(established(['NamesAccepted', 'False']))).toEqual([]);
  const { status } = written(
    established(['NamesAccepted', 'True'], ['Established', 'False']),
    'update CustomResourceDefinition/status foos.example.com',
  );
  expect(status.conditions[1]).toMatchObject({ type: 'Established', status: 'True', reason: 'InitialNamesAccepted' });
  expect(lines(established(['NamesAccepted', 'True'], ['Established', 'True']))).toEqual([]);
});
