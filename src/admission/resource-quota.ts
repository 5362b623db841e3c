/**
 * ResourceQuota: whether a namespace has room for a write, and what the write is charged. Bounds and use are a quota's status, as its
 * controller and this admission keep it; a quota that the controller has not seen bounds nothing yet. The charge is committed with
 * the write. Models k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go.
 */

import type { Kind } from '../catalog/kinds.ts';
import type { Read, StageContext } from '../catalog/strategy.ts';
import type { ResourceQuota, ResourceQuotaStatus } from '../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { addQuantities, compareQuantities, parseQuantity, subtractQuantities } from '../objects/quantity.ts';
import { forbidden } from '../objects/status.ts';
import type { Usage } from './quota-evaluator.ts';
import { evaluatorOf, inScopes, mayBeBounded } from './quota-usage.ts';

const QUOTAS = 'resourcequotas';

/** What the admission of a write wants to see. */
export function quotaReads(kind: Kind, namespace: string | undefined, operation: string, subresource?: string): Read[] {
  if (namespace === undefined || !kind.namespaced || operation === 'delete') return [];
  const name = kind.name;
  if (!mayBeBounded(name)) return [];
  const charged = operation === 'create' || CHANGES[name]?.includes(subresource ?? '');
  return charged ? [{ resource: QUOTAS, namespace }] : [];
}

/** Of what may come to count for more, by which doors; everything else counts the same through all its life. */
const CHANGES: Record<string, string[]> = {
  pods: ['', 'resize'],
  services: [''],
  persistentvolumeclaims: ['', 'status'],
};

const isZero = (amount: string): boolean => parseQuantity(amount).nanos === 0n;

/** What a write adds: the difference to what the object counted for, and never less than nothing. */
function added(usage: Usage, before: Usage | undefined): Usage {
  const more: Usage = {};
  for (const [name, amount] of Object.entries(usage)) {
    const old = before?.[name];
    if (old !== undefined && compareQuantities(amount, old) <= 0) continue;
    if (!isZero(amount)) more[name] = old === undefined ? amount : subtractQuantities(amount, old);
  }
  return more;
}

const print = (names: string[], amounts: Usage): string =>
  names
    .filter((name) => amounts[name] !== undefined)
    .map((name) => `${name}=${amounts[name]}`)
    .join(',');

/** The quotas that a write is charged to, each with its new use. Throws 403 when one has no room. */
export function chargedQuotas(
  kind: Kind,
  object: KubeObject,
  old: KubeObject | undefined,
  context: StageContext,
): { quota: ResourceQuota; used: Usage }[] {
  if (context.namespace === undefined) return [];
  const quotas = context.view.list(QUOTAS, context.namespace);
  if (quotas.length === 0) return [];
  const evaluator = evaluatorOf(kind.name);
  if (!evaluator?.handles(object, old, context.subresource)) return [];
  const now = Date.parse(context.now);
  const refuse = (words: string): Error => forbidden(kind, object.metadata.name ?? '', words);
  const charges: { quota: ResourceQuota; used: Usage }[] = [];
  const applying = quotas.filter(({ metadata, spec, status }) => {
    const names = Object.keys(status?.hard ?? {}).filter((name) => evaluator.measures(name));
    if (names.length === 0 || !inScopes(evaluator, spec, object)) return false;
    const missing = evaluator.missing?.(names, object) ?? [];
    if (missing.length > 0) throw refuse(`failed quota: ${metadata.name}: must specify ${missing.join('; ')}`);
    if (names.some((name) => status?.used?.[name] === undefined))
      throw refuse(`status unknown for quota: ${metadata.name}, resources: ${names.sort().join(',')}`);
    return true;
  });
  for (const quota of applying) {
    const { hard = {}, used: usedBefore = {} }: ResourceQuotaStatus = quota.status ?? {};
    const before = old && inScopes(evaluator, quota.spec, old) ? evaluator.usage(old, now) : undefined;
    const requested = added(evaluator.usage(object, now), before);
    const names = Object.keys(requested).filter((name) => hard[name] !== undefined);
    if (names.length === 0) continue;
    const used: Usage = { ...usedBefore };
    for (const name of names) used[name] = addQuantities(used[name] ?? '0', requested[name]!);
    const exceeded = names.filter((name) => compareQuantities(used[name]!, hard[name]!) > 0).sort();
    if (exceeded.length > 0 && context.subresource !== 'status')
      throw refuse(
        `exceeded quota: ${quota.metadata.name}, requested: ${print(exceeded, requested)}, used: ${print(exceeded, usedBefore)}, limited: ${print(exceeded, hard)}`,
      );
    charges.push({ quota, used });
  }
  return charges;
}
