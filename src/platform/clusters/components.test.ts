/** Every name that a request may give stands for something that runs or does not. */
import { describe, expect, it } from 'vitest';
import { reconcilersOf } from '../../cluster/reconcilers.ts';
import { BUILT_IN } from '../../resources/built-in.ts';
import {
  ADD_ONS,
  componentName,
  componentProblem,
  componentsOf,
  isFormerName,
  RECONCILER_NAMES,
} from './components.ts';

const RANGES = { podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/16' };

/** The names of all that runs in a cluster with these parts. */
function running(overrides: Record<string, boolean>): string[] {
  const spec = { ...RANGES, components: componentsOf('full', overrides) } as Parameters<typeof reconcilersOf>[0];
  const trust = { rootCA: '', authentication: {}, notary: {}, kubernetes: {} } as Parameters<typeof reconcilersOf>[2];
  const nodes = { runtime: {}, controlPlane: { runsIn: () => undefined } } as unknown as Parameters<
    typeof reconcilersOf
  >[3];
  return reconcilersOf(spec, { catalog: () => BUILT_IN, definitions: () => [] }, trust, nodes).map(({ name }) => name);
}

describe('what can be switched', () => {
  const addOns = Object.fromEntries(ADD_ONS.map((name) => [name, true]));
  const all = running(addOns);
  const least = running(Object.fromEntries([...RECONCILER_NAMES, 'kube-scheduler', 'kubelet'].map((n) => [n, false])));

  it('is all that runs and is no part of the API server or of etcd', () => {
    const switched = all.filter((name) => !least.includes(name));
    expect(switched.sort()).toEqual([...RECONCILER_NAMES, 'default-scheduler', 'kubelet'].sort());
  });

  it.each([...RECONCILER_NAMES, 'kube-scheduler', 'kubelet'])(
    '%s runs where it is on, and not where it is off',
    (name) => {
      const without = running({ ...addOns, [name]: false });
      expect(all.filter((one) => !without.includes(one))).toHaveLength(1);
      expect(componentProblem(name)).toBeUndefined();
    },
  );
});

it('has add-ons only where they are asked for', () => {
  expect(running({}).filter((name) => (ADD_ONS as readonly string[]).includes(name))).toEqual([]);
});

describe('a name of something else', () => {
  it.each([
    ['resourceclaim-controller', 'this controller is not simulated, so there is nothing to turn on or off'],
    ['resourceclaim', 'this controller is not simulated, so there is nothing to turn on or off'],
    ['deployments', 'no component has this name'],
    ['constructor', 'no component has this name'],
    ['', 'no component has this name'],
  ])('is refused: %s', (name, problem) => {
    expect(componentProblem(name)).toBe(problem);
    expect(componentName(name)).toBeUndefined();
  });

  it('is left out of files of earlier versions only where it was one of theirs', () => {
    expect(
      ['resourceclaim-controller', 'resourceclaim', 'deployment-controller', 'deployments'].map(isFormerName),
    ).toEqual([true, false, false, false]);
  });
});
