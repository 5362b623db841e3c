/** LimitRanger: a namespace's defaults and bounds of what containers, pods and claims ask for. Source: k8s.io/kubernetes/plugin/pkg/admission/limitranger. */

import type { StageContext } from '../catalog/strategy.ts';
import { append } from '../objects/append.ts';
import type {
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
} from '../objects/generated/core-v1.gen.ts';
import { bare, own } from '../objects/own.ts';
import { addQuantities, compareQuantities, milliValue } from '../objects/quantity.ts';
import { forbidden } from '../objects/status.ts';

type Amounts = Record<string, string>;

const ANNOTATION = 'kubernetes.io/limit-ranger';

function setMissing(into: Amounts, defaults: Amounts): string[] {
  const set: string[] = [];
  for (const name in defaults)
    if (own(into, name) === undefined && defaults[name] !== undefined) {
      into[name] = defaults[name];
      set.push(name);
    }
  return set.sort();
}

function applyDefaults(range: LimitRange, pod: Pod): void {
  const requests: Amounts = bare({});
  const limits: Amounts = bare({});
  for (const item of range.spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    Object.assign(requests, item.defaultRequest);
    Object.assign(limits, item.default);
  }
  const done: string[] = [];
  for (const [list, words] of [
    ['containers', 'container'],
    ['initContainers', 'init container'],
  ] as const)
    for (const container of pod.spec[list] ?? []) {
      container.resources ??= {};
      const { resources } = container;
      resources.limits ??= {};
      resources.requests ??= {};
      const limited = setMissing(resources.limits, limits);
      const requested = setMissing(resources.requests, requests);
      if (requested.length > 0) done.push(`${requested.join(', ')} request for ${words} ${container.name}`);
      if (limited.length > 0) done.push(`${limited.join(', ')} limit for ${words} ${container.name}`);
      for (const key of ['limits', 'requests'] as const)
        if (Object.keys(resources[key] ?? {}).length === 0) delete resources[key];
    }
  if (done.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [ANNOTATION]: `LimitRanger plugin set: ${done.join('; ')}`,
  };
}

function sum(into: Amounts, amounts: Amounts | undefined): void {
  for (const [name, amount] of Object.entries(amounts ?? {}))
    into[name] = into[name] === undefined ? amount : addQuantities(into[name], amount);
}

function raise(into: Amounts, amounts: Amounts): void {
  for (const [name, amount] of Object.entries(amounts))
    if (into[name] === undefined || compareQuantities(amount, into[name]) > 0) into[name] = amount;
}

/** What a whole pod asks for: its containers together, or its largest init container if that is more. */
export function podAmounts(
  spec: Pick<PodSpec, 'containers' | 'initContainers' | 'resources'>,
  kind: 'requests' | 'limits',
): Amounts {
  const total: Amounts = bare({});
  for (const container of spec.containers ?? []) sum(total, container.resources?.[kind]);
  const sidecars: Amounts = bare({});
  const initial: Amounts = bare({});
  for (const container of spec.initContainers ?? []) {
    const asked = container.resources?.[kind];
    if (container.restartPolicy === 'Always') {
      sum(total, asked);
      sum(sidecars, asked);
      raise(initial, sidecars);
    } else {
      const together = bare(sidecars);
      sum(together, asked);
      raise(initial, together);
    }
  }
  raise(total, initial);
  for (const name of ['cpu', 'memory']) {
    const asked = spec.resources?.[kind]?.[name];
    if (asked !== undefined) total[name] = asked;
  }
  return total;
}

function violations(item: LimitRangeItem, type: string, requests: Amounts, limits: Amounts | undefined): string[] {
  const texts: string[] = [];
  const fault = (text: string): void => void texts.push(text);
  for (const [name, bound] of Object.entries(item.min ?? {})) {
    const head = `minimum ${name} usage per ${type} is ${bound}`;
    const request = requests[name];
    const limit = limits?.[name];
    if (request === undefined) fault(`${head}.  No request is specified`);
    else if (compareQuantities(request, bound) < 0) fault(`${head}, but request is ${request}`);
    else if (limit !== undefined && compareQuantities(limit, bound) < 0) fault(`${head}, but limit is ${limit}`);
  }
  for (const [name, bound] of Object.entries(item.max ?? {})) {
    const head = `maximum ${name} usage per ${type} is ${bound}`;
    const request = requests[name];
    if (limits) {
      const limit = limits[name];
      if (limit === undefined) fault(`${head}.  No limit is specified`);
      else if (compareQuantities(limit, bound) > 0) fault(`${head}, but limit is ${limit}`);
      else if (request !== undefined && compareQuantities(request, bound) > 0)
        fault(`${head}, but request is ${request}`);
    } else if (request === undefined) fault(`${head}.  No request is specified`);
    else if (compareQuantities(request, bound) > 0) fault(`${head}, but request is ${request}`);
  }
  if (!limits) return texts;
  for (const [name, bound] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    const head = `${name} max limit to request ratio per ${type} is ${bound}`;
    const request = milliValue(requests[name]);
    const limit = milliValue(limits[name]);
    if (request === 0) fault(`${head}, but no request is specified or request is 0`);
    else if (limit === 0) fault(`${head}, but no limit is specified or limit is 0`);
    else if (limit / request > milliValue(bound) / 1000)
      fault(`${head}, but provided ratio is ${(limit / request).toFixed(6)}`);
  }
  return texts;
}

type Limited = Pod | PersistentVolumeClaim;

function check(range: LimitRange, { spec }: Limited): string[] {
  const texts: string[] = [];
  for (const item of range.spec?.limits ?? []) {
    if (!('containers' in spec)) {
      if (item.type === 'PersistentVolumeClaim')
        append(texts, violations(item, item.type, spec.resources?.requests ?? {}, undefined));
    } else if (item.type === 'Container') {
      for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
        texts.push(
          ...violations(item, item.type, container.resources?.requests ?? {}, container.resources?.limits ?? {}),
        );
    } else if (item.type === 'Pod')
      append(texts, violations(item, item.type, podAmounts(spec, 'requests'), podAmounts(spec, 'limits')));
  }
  return texts;
}

/** Fills in what the namespace's ranges say for containers that say nothing. */
export function applyLimitDefaults(pod: Pod, context: StageContext): void {
  for (const range of context.view.list('limitranges', context.namespace)) applyDefaults(range, pod);
}

/** Refuses what is out of the namespace's bounds. */
export function reviewLimits(
  resource: 'pods' | 'persistentvolumeclaims',
  object: Limited,
  context: StageContext,
): void {
  for (const range of context.view.list('limitranges', context.namespace)) {
    const texts = [...new Set(check(range, object))];
    if (texts.length > 0)
      throw forbidden(
        { group: '', resource },
        object.metadata.name ?? '',
        texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`,
      );
  }
}
