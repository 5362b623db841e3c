/** What a cluster's rules say of a pod's container. */
import type { KubeObject } from '../objects/object.ts';
import { type Behaviour, type Conduct, conductOf } from '../simulation/behaviours.ts';
import type { Container } from './program.ts';

export type BehaviourOf = (pod: KubeObject, container: Container) => Conduct;

const NOTHING: Conduct = {};

export const behaviours =
  (rules: Behaviour[]): BehaviourOf =>
  ({ metadata }, { name, image }) =>
    rules.length === 0
      ? NOTHING
      : conductOf(rules, {
          namespace: metadata.namespace ?? 'default',
          pod: metadata.name,
          labels: metadata.labels ?? {},
          container: name,
          image,
        });
