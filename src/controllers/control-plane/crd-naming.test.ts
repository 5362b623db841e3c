import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { keysOf, lines, object, reconciled, written } from '../test-view.ts';
import { crdNamingController } from './crd-naming.ts';

const names = (plural: string, kind: string, more: object = {}) => ({
  plural,
  singular: kind.toLowerCase(),
  kind,
  listKind: `${kind}List`,
  ...more,
});

function definition(own: LooseObject, status: object = {}): LooseObject {
  return object('CustomResourceDefinition', `${own.plural}.example.com`, {
    spec: { group: 'example.com', names: own, scope: 'Namespaced', versions: [] },
    status: { acceptedNames: { plural: '', kind: '' }, conditions: null, storedVersions: ['v1'], ...status },
  });
}

const UPDATE = (plural: string) => `update CustomResourceDefinition/status ${plural}.example.com`;

function decided(subject: LooseObject, ...others: LooseObject[]) {
  const all = [subject, ...others];
  return reconciled(
    crdNamingController(() => all),
    subject.metadata.name,
    all,
  );
}

describe('the names of a definition', () => {
  it('are accepted where nobody has them', () => {
    const { status } = written(decided(definition(names('foos', 'Foo', { shortNames: ['f'] }))), UPDATE('foos'));
    expect(status.acceptedNames).toEqual(names('foos', 'Foo', { shortNames: ['f'] }));
    expect(status.conditions.map(({ type, status, reason }: LooseObject) => [type, status, reason])).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'False', 'Installing'],
    ]);
  });

  it('are refused one by one where another has them', () => {
    const other = definition(names('bars', 'Bar'), { acceptedNames: names('bars', 'Bar', { shortNames: ['b'] }) });
    const { status } = written(
      decided(definition(names('foos', 'Bar', { listKind: 'FooList', shortNames: ['b'] })), other),
      UPDATE('foos'),
    );
    expect(status.acceptedNames).toEqual({ plural: 'foos', kind: '', listKind: 'FooList' });
    expect(status.conditions[0]).toMatchObject({
      type: 'NamesAccepted',
      status: 'False',
      reason: 'KindConflict',
      message: '"Bar" is already in use',
    });
    expect(status.conditions[1]).toMatchObject({ type: 'Established', status: 'False', reason: 'NotAccepted' });
  });

  it('are nothing to write about twice', () => {
    const accepted = definition(names('foos', 'Foo'), { acceptedNames: names('foos', 'Foo') });
    expect(lines(decided(accepted))).toEqual([]);
  });

  it('are looked at again for those who wait in the group when one changes', () => {
    const waiting = definition(names('bars', 'Bar'));
    const settled = definition(names('bazs', 'Baz'), { conditions: [{ type: 'NamesAccepted', status: 'True' }] });
    const controller = crdNamingController(() => [waiting, settled]);
    expect(keysOf(controller, { old: definition(names('foos', 'Foo')) })).toEqual([
      'foos.example.com',
      'bars.example.com',
    ]);
  });
});
