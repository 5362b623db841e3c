/**
 * A write decided: a pure function from what was read to what is to be stored. The request path commits decisions over a `Storage`, the
 * cluster's own components straight on the store; both work from what is here.
 */
import { type Kind, storageKey } from '../../catalog/kinds.ts';
import type { StageContext } from '../../catalog/strategy.ts';
import type { PutRequest, RequestOp } from '../../etcd/types.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import type { Random } from '../../simulation/random.ts';
import type { DynamicAdmission } from '../dynamic-admission/dynamic-admission.ts';
import type { ClusterConfig } from '../storage/storage.ts';
import { storedText } from '../storage/stored.ts';

/** What a write is about. `name` is absent where the decision makes it. */
export interface Place {
  kind: Kind;
  namespace?: string;
  name?: string;
}

/** What the stages of a decision know. */
export interface DecisionContext extends StageContext {
  /** The policies and webhooks that have a say; absent where there are none. */
  dynamicAdmission?: DynamicAdmission;
}

/** What was read for a decision. */
export interface Seen {
  /** The cluster's time, milliseconds. */
  now: number;
  /** The object that the place names. */
  current: KubeObject | undefined;
  /** What the store holds of it, if that was read for this decision and is text. */
  text?: string;
  view: View;
  context: DecisionContext;
}

export interface Decision<T> {
  /** Made together, at one revision; none: nothing is to be written, and there is the answer alone. */
  operations: RequestOp[];
  /** The name of what is made new, where that need not be the one that was read for. */
  creates?: string;
  /** `revision`: the one that it was committed at; 0 for what is not. */
  answer(revision: number): T;
}

/** What has come of a write. */
export interface Written {
  object: KubeObject;
  now: number;
  /** What the store holds of the object, where that is at hand. */
  text?: string;
}

/** Puts `object` where it belongs. */
export function storing({ kind, namespace }: Place, object: KubeObject, now: number): Decision<Written> {
  const text = storedText(object, kind);
  return {
    operations: [{ put: { key: storageKey(kind, namespace, object.metadata.name), value: text } }],
    answer: (revision) => ({ object: withVersion(object, revision), now, ...(revision > 0 ? { text } : {}) }),
  };
}

/** The object with the resourceVersion that its write gave it; a dry run gives none. */
export function withVersion(object: KubeObject, revision: number): KubeObject {
  if (revision > 0) object.metadata.resourceVersion = String(revision);
  return object;
}

/** What the stages of any write know of the cluster. */
export interface Circumstances {
  /** The cluster's time, milliseconds. */
  now: number;
  random: Random;
  view: View;
  config: Pick<ClusterConfig, 'serviceCIDR' | 'nodePortRange' | 'components'>;
  /** Takes the quotas that the write is charged to. */
  charged: KubeObject[];
}

export const stageContext = ({ now, random, view, config, charged }: Circumstances): StageContext => ({
  now: timestamp(now),
  random,
  view,
  serviceCIDR: config.serviceCIDR,
  nodePortRange: config.nodePortRange,
  disabledAdmissionPlugins: config.components.disabledAdmissionPlugins,
  dryRun: false,
  charge: (quota) => void charged.push(quota),
});

/** How a quota is stored that has been charged. */
export const chargeOf = (quotas: Kind, quota: KubeObject): PutRequest => ({
  key: storageKey(quotas, quota.metadata.namespace, quota.metadata.name),
  value: storedText(quota),
});

/** The commits of a decision, each at a revision of its own: first what its quotas are charged. All are made or none. */
export const stepsOf = (charges: readonly PutRequest[], operations: RequestOp[]): RequestOp[][] => [
  ...charges.map((put) => [{ put }]),
  operations,
];
