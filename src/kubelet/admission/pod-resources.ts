/** What a pod has been given as a whole, as its status tells it. Models pkg/kubelet/kubelet_pods.go and component-helpers/resource. */

import type { Container, Pod, ResourceRequirements } from '../../objects/generated/core-v1.gen.ts';
import { addQuantities, compareQuantities } from '../../objects/quantity.ts';
import { byName } from '../conditions.ts';
import type { ContainerStatus } from '../runtime/container-status.ts';
import { isSidecar } from '../runtime/container-status.ts';

type List = Record<string, string>;

const add = (into: List, from: List = {}): void => {
  for (const name in from) into[name] = into[name] === undefined ? from[name]! : addQuantities(into[name], from[name]!);
};

const raise = (into: List, from: List): void => {
  for (const name in from)
    if (into[name] === undefined || compareQuantities(from[name]!, into[name]) > 0) into[name] = from[name]!;
};

/** Containers and sidecars side by side, init containers one after another. */
function total(main: List[], initial: { list: List; sidecar: boolean }[], overhead: List = {}): List {
  const sum: List = {};
  const sidecars: List = {};
  const peak: List = {};
  for (const list of main) add(sum, list);
  for (const { list, sidecar } of initial) {
    const own = { ...list };
    add(own, sidecars);
    raise(peak, own);
    if (!sidecar) continue;
    add(sum, list);
    add(sidecars, list);
  }
  raise(sum, peak);
  add(sum, overhead);
  return sum;
}

/** The fields of the pod's status; `statuses`: of all its containers. */
export function podResources({ spec, status }: Pod, statuses: ContainerStatus[]): Record<string, unknown> {
  // What the kernel holds is known when it is first told that they run.
  const known = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const cgroup = known.some(({ state }) => state?.running ?? state?.terminated) ? inGroups : asAsked;
  const given = ({ name, resources }: Container, what: 'actual' | 'allocated'): ResourceRequirements => {
    const status = byName(statuses, name);
    if (!status?.resources) return resources ?? {};
    return what === 'actual' ? status.resources : { requests: status.allocatedResources ?? {} };
  };
  const containers: Container[] = spec.containers;
  const initial: Container[] = spec.initContainers ?? [];
  const sum = (what: 'actual' | 'allocated', part: 'requests' | 'limits', of: Container[]): List =>
    total(
      of.map((container) => given(container, what)[part] ?? {}),
      initial.map((container) => ({ list: given(container, what)[part] ?? {}, sidecar: isSidecar(container) })),
      spec.overhead,
    );
  const allocated = { ...sum('allocated', 'requests', containers), ...spec.resources?.requests };
  const requests = cgroup({ ...sum('actual', 'requests', containers), ...spec.resources?.requests });
  // Where one container has no limit, the pod has none.
  const limited = (name: string): boolean =>
    spec.resources?.limits?.[name] !== undefined ||
    containers.every((container) => given(container, 'actual').limits?.[name] !== undefined);
  const limits = cgroup({ ...sum('actual', 'limits', containers), ...spec.resources?.limits }, limited);
  const isEmpty = (list: List): boolean => Object.keys(list).length === 0;
  return {
    ...(isEmpty(allocated) ? {} : { allocatedResources: allocated }),
    resources: { ...(isEmpty(limits) ? {} : { limits }), ...(isEmpty(requests) ? {} : { requests }) },
  };
}

/** What of it the kernel's groups hold. */
const inGroups = (list: List, also: (name: string) => boolean = () => true): List =>
  Object.fromEntries(Object.entries(list).filter(([name]) => (name === 'cpu' || name === 'memory') && also(name)));

const asAsked = (list: List, also: (name: string) => boolean = () => true): List =>
  Object.fromEntries(Object.entries(list).filter(([name]) => also(name)));
