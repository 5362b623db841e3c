import { expect, it } from 'vitest';
import type { Kind } from '../../catalog/kinds.ts';
import type { KubeObject } from '../../objects/object.ts';
import { builtIn } from '../../resources/built-in.ts';
import { NO_REPLICAS, setReplicas } from './scale-object.ts';

const object = () => ({ apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec: { other: 1 } }) as KubeObject;
const scaled = (kind: Kind, replicas?: number) => {
  const made = object();
  setReplicas(kind, made, { spec: { replicas } } as unknown as KubeObject);
  return made.spec;
};

it('has a Scale’s number where the kind has its own', () => {
  const custom = { custom: { scale: { specReplicasPath: '.spec.deep.size' } } } as unknown as Kind;
  expect(scaled(custom, 3)).toEqual({ other: 1, deep: { size: 3 } });
  expect(() => scaled(custom, NO_REPLICAS)).toThrow('the spec replicas field ".spec.deep.size" cannot be empty');
  const deployments = builtIn('deployments.apps');
  expect(scaled(deployments, 3)).toEqual({ other: 1, replicas: 3 });
  expect(scaled(deployments)).toEqual({ other: 1, replicas: 0 });
  expect(() => scaled(deployments, -1)).toThrow('spec.replicas: Invalid value: -1');
});
