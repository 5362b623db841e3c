import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../objects/object.ts';
import { microTimestamp } from '../../objects/time.ts';
import { applied, keysOf, lines, NOW, object, reconciled, SECOND, viewOf, written } from '../test-view.ts';
import { isLed, LEASE_SECONDS, leaderElection } from './leader-election.ts';

const COMPONENT = 'kube-scheduler';
const NAMESPACE = 'kube-system';

const schedulerOn = (node: string, { runs = true, restarts = 0 } = {}): KubeObject =>
  object('Pod', `${COMPONENT}-${node}`, {
    metadata: { namespace: NAMESPACE, uid: `uid of ${node}`, labels: { component: COMPONENT, tier: 'control-plane' } },
    spec: { nodeName: node, containers: [{ name: COMPONENT }] },
    status: { containerStatuses: [{ name: COMPONENT, restartCount: restarts, state: runs ? { running: {} } : {} }] },
  });

const election = (away: readonly string[] = []) =>
  leaderElection(COMPONENT, ({ spec }) => !away.includes(spec.nodeName ?? ''));

/** A lease that the scheduler on cp-1 has taken. */
function held(): KubeObject {
  const result = reconciled(election(), COMPONENT, [schedulerOn('cp-1')]);
  const lease = written(result, `create Lease ${COMPONENT}`);
  return { ...lease, metadata: { ...lease.metadata, uid: 'lease' } };
}

const BOTH = [schedulerOn('cp-1'), schedulerOn('cp-2')];
const LEASE_MS = LEASE_SECONDS * SECOND;
const LOST_AT = NOW + 7 * SECOND;

describe('the election of a leader', () => {
  it('is about its own pods and its own lease', () => {
    expect(keysOf(election(), { new: schedulerOn('cp-1') })).toEqual([COMPONENT]);
    expect(keysOf(election(), { new: held() })).toEqual([COMPONENT]);
    const other = { ...held(), metadata: { name: 'kube-controller-manager', namespace: NAMESPACE } };
    expect(keysOf(election(), { new: other })).toEqual([]);
    expect(keysOf(election(), { new: object('Pod', 'web') })).toEqual([]);
  });

  it('is won by the first that runs, and told', () => {
    const result = reconciled(election(), COMPONENT, BOTH);
    const { spec } = written(result, `create Lease ${COMPONENT}`);
    expect(spec).toMatchObject({ leaseDurationSeconds: LEASE_SECONDS, leaseTransitions: 0 });
    expect(spec.holderIdentity).toMatch(/^cp-1_/);
    expect(lines(reconciled(election(), COMPONENT, [schedulerOn('cp-1', { runs: false })]))).toEqual([]);
    expect(lines(reconciled(election(['cp-1']), COMPONENT, [schedulerOn('cp-1')]))).toEqual([]);
  });

  it('stands while its holder runs', () => {
    const objects = [...BOTH, held()];
    expect(lines(reconciled(election(), COMPONENT, objects))).toEqual([]);
    expect(isLed(viewOf(objects), COMPONENT, () => true)).toBe(true);
    expect(isLed(viewOf(objects), COMPONENT, () => false)).toBe(false);
    expect(isLed(viewOf([schedulerOn('cp-1', { restarts: 1 }), held()]), COMPONENT, () => true)).toBe(false);
  });

  it('shows the last renewal when its holder is lost, and waits until that has run out', () => {
    const objects = [...BOTH, held()];
    const lost = reconciled(election(['cp-1']), COMPONENT, objects, { now: LOST_AT });
    expect(written(lost, `update Lease ${COMPONENT}`).spec.renewTime).toBe(microTimestamp(NOW + 6 * SECOND));
    const after = applied(objects, lost);
    const waits = reconciled(election(['cp-1']), COMPONENT, after, { now: LOST_AT });
    expect(lines(waits)).toEqual([]);
    expect(waits.requeueAt).toBeGreaterThanOrEqual(NOW + 6 * SECOND + LEASE_MS);
    const taken = reconciled(election(['cp-1']), COMPONENT, after, { now: waits.requeueAt! });
    const { spec } = written(taken, `update Lease ${COMPONENT}`);
    expect(spec.holderIdentity).toMatch(/^cp-2_/);
    expect(spec).toMatchObject({ leaseTransitions: 1, renewTime: microTimestamp(waits.requeueAt!) });
  });

  it('is nobody’s while nobody runs, and goes on with a holder that comes back in time', () => {
    const objects = [...BOTH, held()];
    const after = applied(objects, reconciled(election(['cp-1']), COMPONENT, objects, { now: LOST_AT }));
    const late = { now: NOW + 60 * SECOND };
    expect(lines(reconciled(election(['cp-1', 'cp-2']), COMPONENT, after, late))).toEqual([]);
    const back = reconciled(election(), COMPONENT, after, { now: LOST_AT + SECOND });
    const { spec } = written(back, `update Lease ${COMPONENT}`);
    expect(spec.holderIdentity).toMatch(/^cp-1_/);
    expect(spec.leaseTransitions).toBe(0);
  });
});
