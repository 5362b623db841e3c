import type { PersistentVolume, PersistentVolumeClaim } from '../../objects/generated/core-v1.gen.ts';
import type { StorageClass } from '../../objects/generated/storage-v1.gen.ts';
import { matchesNodeSelector } from '../../resources/core/node-selector-matching.ts';
import {
  bindsLate,
  findVolume,
  isBound,
  promised,
  SELECTED_NODE,
  storageClassOf,
} from '../../resources/core/volume-claims.ts';
import { sizeOf } from '../../simulation/work-budget.ts';
import type { NodeInfo } from '../node-info.ts';
import type { Cycle, Plugin, PreFilterResult } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';
import type { Snapshot } from '../snapshot.ts';
import { type Status, unresolvable } from '../status.ts';
import { CLASSES, podClaims, VOLUMES } from './volume-claims.ts';

const NAME = 'VolumeBinding';
/** Capacities are compared, which is slower than most else. */
const STEPS_OF_A_VOLUME = 4;
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

interface State {
  bound: PersistentVolumeClaim[];
  late: PersistentVolumeClaim[];
}

function claimsOf({ pod, snapshot }: Cycle): State | Status | undefined {
  const claims = podClaims(pod, snapshot);
  if (claims.length === 0) return undefined;
  const state: State = { bound: [], late: [] };
  let immediate = false;
  for (const { name, ephemeral, claim } of claims) {
    if (!claim)
      return unresolvable(
        ephemeral
          ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
          : `persistentvolumeclaim "${name}" not found`,
      );
    if (claim.status?.phase === 'Lost')
      return unresolvable(
        `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`,
      );
    if (claim.metadata.deletionTimestamp) return unresolvable(`persistentvolumeclaim "${name}" is being deleted`);
    if (isBound(claim)) state.bound.push(claim);
    else if (bindsLate(claim, classOf(claim, snapshot))) state.late.push(claim);
    else immediate = true;
  }
  return immediate ? unresolvable('pod has unbound immediate PersistentVolumeClaims') : state;
}

function reachable(volume: PersistentVolume, node: NodeInfo, snapshot: Snapshot): boolean {
  const required = volume.spec?.nodeAffinity?.required;
  if (!required) return true;
  snapshot.work.spend(sizeOf(required));
  return matchesNodeSelector(required, node);
}

const classOf = (claim: PersistentVolumeClaim, snapshot: Snapshot): StorageClass | undefined =>
  snapshot.get(CLASSES, undefined, storageClassOf(claim));

function volumeFor(claim: PersistentVolumeClaim, node: NodeInfo, snapshot: Snapshot): PersistentVolume | undefined {
  const volumes = snapshot.list(VOLUMES);
  snapshot.work.spend(STEPS_OF_A_VOLUME * volumes.length * sizeOf(claim.spec));
  return findVolume(claim, volumes, (volume) => reachable(volume, node, snapshot));
}

/** Whether the claim's class can make a volume on demand for the node. */
function provisionable(claim: PersistentVolumeClaim, node: NodeInfo, snapshot: Snapshot): boolean {
  const storageClass = classOf(claim, snapshot);
  const provisioner = storageClass?.provisioner;
  if (!provisioner || provisioner === NO_PROVISIONER) return false;
  const topologies = storageClass.allowedTopologies ?? [];
  if (topologies.length === 0) return true;
  snapshot.work.spend(sizeOf(topologies));
  return topologies.some((t) =>
    (t.matchLabelExpressions ?? []).every((e) => e.values.includes(node.labels[e.key] ?? '')),
  );
}

const selectedNode = (claim: PersistentVolumeClaim): string | undefined => claim.metadata.annotations?.[SELECTED_NODE];

type Late = PersistentVolume | PersistentVolumeClaim;

/**
 * What must be written before the pod can be bound to the node: volumes promised to its claims, or claims that ask for one to be
 * made there. Undefined when all claims are bound; empty when that is under way.
 */
export function lateBindings(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): Late[] | undefined {
  const late = podClaims(pod, snapshot).flatMap(({ claim }) => (claim && !isBound(claim) ? [claim] : []));
  if (late.length === 0) return undefined;
  return late.flatMap((claim): Late[] => {
    const volume = volumeFor(claim, node, snapshot);
    if (volume) return volume.spec?.claimRef?.uid ? [] : [promised(volume, claim)];
    if (selectedNode(claim) === node.name) return [];
    const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: node.name };
    return [{ ...claim, metadata: { ...claim.metadata, annotations } }];
  });
}

/** Claims must be bound to volumes that the node can use, or be bindable there if they wait for their first pod. */
export const volumeBinding: Plugin = {
  name: NAME,
  preFilter(cycle): PreFilterResult | undefined {
    const claims = claimsOf(cycle);
    if (!claims) return { skip: true };
    if ('code' in claims) return { status: claims };
    cycle.state.set(NAME, claims);
    const chosen = claims.late.map(selectedNode).find((name) => name && cycle.snapshot.node(name));
    return chosen ? { nodeNames: new Set([chosen]) } : undefined;
  },
  filter({ snapshot, state }, node) {
    const { bound, late } = state.get(NAME) as State;
    const reasons = new Set<string>();
    for (const claim of bound) {
      const volume = snapshot.get(VOLUMES, undefined, claim.spec.volumeName ?? '');
      if (!volume) reasons.add('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
      else if (!reachable(volume, node, snapshot)) reasons.add("node(s) didn't match PersistentVolume's node affinity");
    }
    for (const claim of late)
      if (!volumeFor(claim, node, snapshot) && !provisionable(claim, node, snapshot))
        reasons.add("node(s) didn't find available persistent volumes to bind");
    return reasons.size > 0 ? unresolvable(...reasons) : undefined;
  },
};
