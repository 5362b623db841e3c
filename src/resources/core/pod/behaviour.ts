/** What a cluster's rules say of a pod's container. */
import type { Container, Pod } from '../../../objects/generated/core-v1.gen.ts';
import { type Behaviour, type Conduct, conductOf } from '../../../simulation/behaviours.ts';

export type BehaviourOf = (pod: Pod, container: Container) => Conduct;

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
          image: image ?? '',
        });
