/** One whose selector is empty would take every pod: it is told so, and takes none. Validation lets none be made, but the store can hold one. */
import type { DaemonSet, Deployment } from '../../objects/generated/apps-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import type { ReconcileResult, Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';

type Selecting = DaemonSet | Deployment;

type Told<Owner> = (reader: View, owner: Owner, now: number) => ReconcileResult<KubeObject>;

export const selectsAll = ({ spec }: Selecting): boolean =>
  spec.selector !== undefined && Object.keys(spec.selector).length === 0;

function told(reader: View, owner: Selecting, component: string, now: number): Write<KubeObject> {
  const called = owner.kind === 'DaemonSet' ? 'daemon set' : 'deployment';
  const message = `This ${called} is selecting all pods. A non-empty selector is required.`;
  return recordEvent(reader, owner, { component }, { type: 'Warning', reason: 'SelectingAll', message }, now);
}

export const daemonSetSelectingAll: Told<DaemonSet> = (reader, set, now) => ({
  writes: [told(reader, set, 'daemonset-controller', now)],
});

export const deploymentSelectingAll: Told<Deployment> = (reader, deployment, now) => {
  const writes = [told(reader, deployment, 'deployment-controller', now)];
  const observedGeneration = deployment.metadata.generation ?? 0;
  if ((deployment.status?.observedGeneration ?? 0) < observedGeneration) {
    const object = { ...deployment, status: { ...deployment.status, observedGeneration } };
    writes.push({ verb: 'update', subresource: 'status', object });
  }
  return { writes };
};
