import { storageKey } from '../../catalog/kinds.ts';
import type { PodCondition } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { type LabelSelector, matchesLabelSelector } from '../../objects/selectors.ts';
import { badRequest, internalError, notFound, StatusError } from '../../objects/status.ts';
import { timestamp } from '../../objects/time.ts';
import { builtIn } from '../../resources/built-in.ts';
import { respond } from '../answer/encode.ts';
import { commit } from '../commit.ts';
import { admitThrough } from '../dynamic-admission/subresource-admission.ts';
import { managerOf, writeOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { storedText } from '../storage/stored.ts';
import { readObject } from '../write/body.ts';
import { deleteOne } from '../write/delete.ts';
import { matchNamespace } from '../write/places.ts';
import { prepareUpdate } from '../write/stages.ts';
import { CREATED } from './created.ts';
import { markEvicted } from './disruption-mark.ts';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction', olderVersions: ['v1beta1'] };
const BUDGETS = builtIn('poddisruptionbudgets.policy');

/** `POST pods/NAME/eviction`: a deletion that disruption budgets may refuse. */
export async function evict(exchange: Exchange): Promise<Response> {
  const { name, query, request } = exchange;
  const options = writeOptions(query, 'CreateOptions');
  exchange.manager = managerOf(options.fieldManager, request);
  const sent = await readObject(exchange, EVICTION, options.fieldValidation);
  matchNamespace(sent, exchange.namespace);
  if (sent.metadata?.name !== name) throw badRequest('name in URL does not match name in Eviction object');
  exchange.dryRun = options.dryRun || Boolean(sent.deleteOptions?.dryRun?.includes('All'));
  const eviction = await spendBudget(exchange, sent);
  const deletion = eviction.deleteOptions ?? {};
  const preconditions = exchange.dryRun ? deletion.preconditions : await markEvicted(exchange, deletion.preconditions);
  const asked = { ...deletion, ...(preconditions ? { preconditions } : {}), dryRun: exchange.dryRun };
  await deleteOne(exchange, name!, asked, true);
  return respond(CREATED, exchange.accepted, 201, exchange.warnings);
}

const budgetOf = (object: KubeObject, pod: KubeObject): boolean => {
  const selector: LabelSelector | undefined = object.spec?.selector;
  return selector !== undefined && matchesLabelSelector(selector, pod.metadata.labels);
};

/** Takes one disruption from the pod's budget. Answers the eviction as it was admitted. Throws 429 when there is none left. */
function spendBudget(exchange: Exchange, sent: KubeObject): Promise<KubeObject> {
  const { kind, namespace, name } = exchange;
  const reads = [{ resource: 'poddisruptionbudgets.policy', namespace: namespace! }];
  return commit(exchange, reads, name!, (seen) => {
    const eviction = admitThrough(exchange, seen.context, { operation: 'CREATE', objectType: EVICTION, object: sent });
    const pod = seen.current;
    const done = { operations: [], answer: () => eviction };
    if (!pod) throw notFound(kind, name!);
    if (pod.metadata.deletionTimestamp || ['Succeeded', 'Failed', 'Pending'].includes(pod.status?.phase)) return done;
    const found = seen.view.list('poddisruptionbudgets.policy', namespace).filter((b) => budgetOf(b, pod));
    if (found.length > 1)
      throw internalError(
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      );
    const budget = found[0];
    if (!budget || mayGoUnhealthy(budget, pod)) return done;
    const spent = structuredClone(budget);
    checkBudget(budget);
    const status = budget.status!;
    spent.status = {
      ...status,
      disruptionsAllowed: status.disruptionsAllowed - 1,
      disruptedPods: { ...status.disruptedPods, [name!]: timestamp(seen.now) },
    };
    const context = { ...seen.context, subresource: 'status' };
    const author = { manager: exchange.manager, tracked: true, isAdmitted: true };
    const prepared = prepareUpdate(BUDGETS, spent, budget, author, context);
    if (!prepared) return done;
    const key = storageKey(BUDGETS, namespace, budget.metadata.name);
    return { operations: [{ put: { key, value: storedText(prepared) } }], answer: () => eviction };
  });
}

const isReady = (pod: KubeObject): boolean =>
  ((pod.status?.conditions ?? []) as PodCondition[]).some((c) => c.type === 'Ready' && c.status === 'True');

/** A pod that is not ready protects nothing while the budget's others are healthy. */
function mayGoUnhealthy(budget: KubeObject, pod: KubeObject): boolean {
  if (isReady(pod)) return false;
  if (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

function checkBudget(budget: KubeObject): void {
  const status = budget.status ?? {};
  const tooMany = (cause: string, retry?: number): StatusError =>
    new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [{ reason: 'DisruptionBudget', message: cause }],
      ...(retry === undefined ? {} : { retryAfterSeconds: retry }),
    });
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0))
    throw tooMany(`The disruption budget ${budget.metadata.name} is still being processed by the server.`, 10);
  if ((status.disruptionsAllowed ?? 0) <= 0)
    throw tooMany(
      `The disruption budget ${budget.metadata.name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`,
    );
}
