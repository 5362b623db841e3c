/** A pod's quality of service class. Source: k8s.io/kubernetes/pkg/apis/core/helper/qos. */
import type { PodSpec } from './generated/core-v1.gen.ts';
import { addQuantities, compareQuantities, milliValue } from './quantity.ts';

export type QOSClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

type Amounts = Record<string, string>;

const COUNTED = ['cpu', 'memory'];

function addPositive(into: Amounts, amounts: Amounts | undefined): void {
  for (const name of COUNTED) {
    const amount = amounts?.[name];
    if (amount === undefined || milliValue(amount) <= 0) continue;
    const before = into[name];
    into[name] = before === undefined ? amount : addQuantities(before, amount);
  }
}

/** As the pod's spec implies it. */
export function qosClassOf(spec: Pick<PodSpec, 'resources' | 'containers' | 'initContainers'>): QOSClass {
  const requests: Amounts = {};
  const limits: Amounts = {};
  let guaranteed = true;
  if (spec.resources && (spec.resources.requests || spec.resources.limits)) {
    addPositive(requests, spec.resources.requests);
    addPositive(limits, spec.resources.limits);
    guaranteed = COUNTED.every((name) => limits[name] !== undefined);
  } else {
    for (const list of [spec.containers, spec.initContainers])
      for (const container of list ?? []) {
        addPositive(requests, container.resources?.requests);
        const own: Amounts = {};
        addPositive(own, container.resources?.limits);
        addPositive(limits, own);
        if (own.cpu === undefined || own.memory === undefined) guaranteed = false;
      }
  }
  const names = Object.keys(requests);
  const limited = Object.keys(limits);
  if (names.length === 0 && limited.length === 0) return 'BestEffort';
  const equal = names.every((name) => {
    const limit = limits[name];
    return limit !== undefined && compareQuantities(limit, requests[name] ?? 0) === 0;
  });
  return guaranteed && equal && names.length === limited.length ? 'Guaranteed' : 'Burstable';
}
