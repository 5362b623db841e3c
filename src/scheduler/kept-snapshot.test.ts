/** Whatever happens to the objects, what was kept is what would be made anew. */
import { expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { viewOf } from '../objects/view.ts';
import { frozen } from '../simulation/frozen.ts';
import { ObjectIndex } from '../simulation/object-index.ts';
import { createRandom } from '../simulation/random.ts';
import { inOrder } from './in-order.ts';
import { forgetSnapshot, keptSnapshot, MAX_QUESTIONS } from './kept-snapshot.ts';
import { podInfo } from './pod-info.ts';
import { Snapshot } from './snapshot.ts';

const NODES = ['a', 'b', 'c'];
/** The values of the label that rules between pods go by. */
const CPUS = ['1', '2', '3', '4', '5'];

const node = (name: string, cpu: number): LooseObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { cpu: String(cpu) } },
  status: { allocatable: { cpu: String(cpu), pods: '10' } },
});

function pod(name: string, uid: number, change: LooseObject = {}): LooseObject {
  const { spec, status, metadata } = change;
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'cpu' }] } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: uid % 3 ? 'x' : 'y',
      uid: `u${uid}`,
      labels: { app: uid % 2 ? 'odd' : 'even' },
      ...metadata,
    },
    spec: {
      containers: [{ name: 'c', resources: { requests: { cpu: `${uid % 7}00m` } } }],
      ...(uid % 5 ? {} : { affinity }),
      ...spec,
    },
    status: { phase: 'Pending', ...status },
  };
}

const isOdd = { counts: ({ labels }: { labels: Record<string, string> }) => labels.app === 'odd' };

/** All that plugins could see of it. */
const seen = (snapshot: Snapshot) => ({
  nodes: snapshot.nodes.map((info) => ({
    node: info.node,
    pods: info.pods.map(({ pod: one }) => one),
    requested: [...info.requested].filter(([, amount]) => amount !== 0).sort(),
    scoring: [...info.scoringRequested].filter(([, amount]) => amount !== 0).sort(),
    odd: info.count(snapshot.question('odd', isOdd)),
  })),
  held: [...snapshot.held()]
    .map(({ kind, term, counts }) => [kind, term.id, counts.total, ...CPUS.map((cpu) => counts.of(cpu))].join())
    .sort(),
  oddBy: CPUS.map((cpu) => snapshot.tally('odd', snapshot.question('odd', isOdd), 'cpu').of(cpu)),
  nominated: NODES.map((name) => snapshot.nominatedFor(name, podInfo(pod('z', 1) as never)).map(({ pod: one }) => one)),
});

it('is the same through any changes, placements among them that come to nothing', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = createRandom('kept', String(seed));
    const index = new ObjectIndex<LooseObject>();
    let revision = 0;
    const put = (resource: string, namespace: string | undefined, name: string, object?: LooseObject) =>
      index.apply({ resource, namespace, name, revision: ++revision, ...(object ? { new: frozen(object) } : {}) });
    const put1 = (object: LooseObject) => put('pods', object.metadata.namespace, object.metadata.name, object);
    for (const name of NODES) put('nodes', undefined, name, node(name, 4));
    const view = viewOf(index as never);
    for (let step = 0; step < 60; step++) {
      const uid = random.integer(12);
      const name = `p${uid}`;
      const where = NODES[random.integer(NODES.length)]!;
      const old = index.list('pods').find(({ metadata }) => metadata.name === name);
      switch (random.integer(8)) {
        case 0:
          if (old) put('pods', old.metadata.namespace, name);
          break;
        case 1:
          put1(pod(name, uid, { spec: { nodeName: where } }));
          break;
        case 2:
          put1(pod(name, uid, { spec: { nodeName: where }, status: { phase: 'Succeeded' } }));
          break;
        case 3:
          put1(pod(name, uid, { status: { nominatedNodeName: where } }));
          break;
        case 4:
          put('nodes', undefined, where, node(where, 1 + random.integer(5)));
          break;
        case 5:
          if (step % 7 === 0) put('nodes', undefined, 'c', random.integer(2) ? node('c', 2) : undefined);
          break;
        default:
          put1(pod(name, uid));
      }
      const { snapshot, assumed } = keptSnapshot(view);
      expect(seen(snapshot), `seed ${seed}, step ${step}`).toEqual(seen(Snapshot.of(view)));
      for (const waiting of index.list('pods'))
        if (!waiting.spec.nodeName && snapshot.node(where) && random.integer(2)) {
          snapshot.assume(podInfo(waiting as never), where);
          assumed(podInfo(waiting as never), where);
          if (random.integer(2)) put1({ ...waiting, spec: { ...waiting.spec, nodeName: where } });
        }
      if (random.integer(10) === 0) forgetSnapshot(view);
      if (random.integer(10) === 0)
        for (let i = 0; i <= MAX_QUESTIONS; i++) snapshot.question(`${seed} ${step} ${i}`, isOdd);
    }
  }
});

it('counts by what is asked in passing as long as that is asked, and not for good', () => {
  const index = new ObjectIndex<LooseObject>();
  const put = (resource: string, namespace: string | undefined, revision: number, object: LooseObject) =>
    index.apply({ resource, namespace, name: object.metadata.name, revision, new: frozen(object) });
  put('nodes', undefined, 1, node('a', 4));
  const view = viewOf(index as never);
  let looks = 0;
  for (let round = 0; round < 5; round++) {
    put('pods', 'x', 2 + round, pod(`p${round}`, round, { spec: { nodeName: 'a' } }));
    looks = 0;
    const { snapshot } = keptSnapshot(view);
    const asked = { counts: () => looks++ >= 0, isPassing: true };
    expect(snapshot.tally('any', snapshot.question('any', asked), 'cpu').of('4')).toBe(round + 1);
    // One for each pod that there is: nobody looks at the new one for a question of before.
    expect(looks).toBe(round + 1);
  }
});

it('gives what waits in order, as far as it is asked for', () => {
  const random = createRandom('order', 'test');
  for (let size = 0; size < 40; size++) {
    const items = Array.from({ length: size }, (_, i) => ({ key: random.integer(1000) * 100 + i }));
    const sorted = items.toSorted((a, b) => a.key - b.key);
    expect([...inOrder(items, (a, b) => a.key - b.key)]).toEqual(sorted);
  }
});
