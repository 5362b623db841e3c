/** The binding and eviction subresources of pods. Source: k8s.io/kubernetes/pkg/registry/core/pod/storage (storage.go, eviction.go). */

import { topologyLabels } from '../../admission/pod-topology-labels.ts';
import { storageKey } from '../../catalog/kinds.ts';
import { checked } from '../../objects/field-checks.ts';
import { type FieldError, notSupported, required } from '../../objects/field-error.ts';
import type { PodCondition } from '../../objects/generated/core-v1.gen.ts';
import { isDNS1123Subdomain } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';
import { type LabelSelector, matchesLabelSelector } from '../../objects/selectors.ts';
import { badRequest, conflict, notFound, type Status, StatusError } from '../../objects/status.ts';
import { timestamp } from '../../objects/time.ts';
import { builtIn } from '../../resources/built-in.ts';
import { respond } from '../answer/encode.ts';
import { managerOf, writeOptions } from '../options.ts';
import { commit, type Exchange } from '../pipeline.ts';
import { storedText } from '../storage/stored.ts';
import { readObject } from '../write/body.ts';
import { deleteOne } from '../write/delete.ts';
import { matchNamespace } from '../write/places.ts';
import { prepareUpdate } from '../write/stages.ts';
import { markEvicted } from './disruption-mark.ts';

const PODS = builtIn('pods');
const BUDGETS = builtIn('poddisruptionbudgets.policy');

const CREATED: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** `POST pods/NAME/binding`, and `POST bindings` with the pod's name in the body. */
export async function bind(exchange: Exchange): Promise<Response> {
  const options = writeOptions(exchange.query, 'CreateOptions');
  exchange.dryRun = options.dryRun;
  const binding = await readObject(exchange, { group: '', version: 'v1', kind: 'Binding' }, options.fieldValidation);
  matchNamespace(binding, exchange.namespace);
  const said = binding.metadata?.name ?? '';
  const name = exchange.name ?? said;
  if (said !== name) throw badRequest('name in URL does not match name in Binding object');
  const node: string = binding.target?.name ?? '';
  checkTarget(binding.target?.kind ?? '', node);
  if (name === '') throw badRequest('Name parameter required.');
  const onPod: Exchange = { ...exchange, kind: PODS };
  return commit(onPod, [{ resource: 'nodes', name: node }], name, (seen) => {
    if (!seen.current) throw notFound(PODS, name);
    const labels = { ...binding.metadata?.labels, ...topologyLabels(seen.view.get('nodes', undefined, node)) };
    const pod = bindPod(
      seen.current,
      { ...binding, metadata: { ...binding.metadata, labels } },
      node,
      seen.context.now,
    );
    return {
      operations: [{ put: { key: storageKey(PODS, exchange.namespace, name), value: storedText(pod) } }],
      answer: () => respond(CREATED, exchange.accepted, 201, exchange.warnings),
    };
  });
}

/** Throws 500, as an error that has no status is answered. */
function checkTarget(kind: string, node: string): void {
  const errors: FieldError[] = [];
  if (kind && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (!node) errors.push(required('target.name'));
  else if (!kind || kind === 'Node') errors.push(...checked(isDNS1123Subdomain(node), 'target.name', node));
  if (errors.length === 0) return;
  const texts = errors.map((e) => `${e.field}: ${e.message}`);
  throw new StatusError(500, '', texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
}

function bindPod(pod: KubeObject, binding: KubeObject, node: string, now: string): KubeObject {
  const { name } = pod.metadata;
  const refuse = (words: string): StatusError => conflict({ group: '', resource: 'pods/binding' }, name, words);
  const { uid, resourceVersion, annotations, labels } = binding.metadata ?? {};
  if (uid && uid !== pod.metadata.uid)
    throw refuse(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
  if (resourceVersion && resourceVersion !== pod.metadata.resourceVersion)
    throw refuse(
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${pod.metadata.resourceVersion}`,
    );
  if (pod.metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw refuse(`pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  if (pod.spec.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  const metadata = { ...pod.metadata };
  if (annotations) metadata.annotations = { ...metadata.annotations, ...annotations };
  if (Object.keys(labels ?? {}).length > 0) metadata.labels = { ...metadata.labels, ...labels };
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
  const conditions: PodCondition[] = pod.status?.conditions ?? [];
  const before = conditions.some((c) => c.type === 'PodScheduled');
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  return {
    ...pod,
    metadata,
    spec: { ...pod.spec, nodeName: node },
    status: {
      ...status,
      conditions: before
        ? conditions.map((c) => (c.type === 'PodScheduled' ? scheduled : c))
        : [...conditions, scheduled],
    },
  };
}

/** `POST pods/NAME/eviction`: a deletion that disruption budgets may refuse. */
export async function evict(exchange: Exchange): Promise<Response> {
  const { name, query, request } = exchange;
  const options = writeOptions(query, 'CreateOptions');
  exchange.manager = managerOf(options.fieldManager, request);
  const eviction = await readObject(
    exchange,
    { group: 'policy', version: 'v1', kind: 'Eviction', olderVersions: ['v1beta1'] },
    options.fieldValidation,
  );
  matchNamespace(eviction, exchange.namespace);
  if (eviction.metadata?.name !== name) throw badRequest('name in URL does not match name in Eviction object');
  const deletion = eviction.deleteOptions ?? {};
  exchange.dryRun = options.dryRun || Boolean(deletion.dryRun?.includes('All'));
  await spendBudget(exchange);
  const preconditions = exchange.dryRun ? deletion.preconditions : await markEvicted(exchange, deletion.preconditions);
  await deleteOne(exchange, name!, {
    ...deletion,
    ...(preconditions ? { preconditions } : {}),
    dryRun: exchange.dryRun,
  });
  return respond(CREATED, exchange.accepted, 201, exchange.warnings);
}

const budgetOf = (object: KubeObject, pod: KubeObject): boolean => {
  const selector: LabelSelector | undefined = object.spec?.selector;
  return selector !== undefined && matchesLabelSelector(selector, pod.metadata.labels);
};

/** Takes one disruption from the pod's budget. Throws 429 when there is none left. */
async function spendBudget(exchange: Exchange): Promise<void> {
  const { kind, namespace, name } = exchange;
  const reads = [{ resource: 'poddisruptionbudgets.policy', namespace: namespace! }];
  await commit(exchange, reads, name!, (seen) => {
    const pod = seen.current;
    const done = { operations: [], answer: () => undefined };
    if (!pod) throw notFound(kind, name!);
    if (pod.metadata.deletionTimestamp || ['Succeeded', 'Failed', 'Pending'].includes(pod.status?.phase)) return done;
    const found = seen.view.list('poddisruptionbudgets.policy', namespace).filter((b) => budgetOf(b, pod));
    if (found.length > 1)
      throw new StatusError(
        500,
        'InternalError',
        'Internal error occurred: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        {
          causes: [
            {
              message:
                'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
            },
          ],
        },
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
    const prepared = prepareUpdate(BUDGETS, spent, budget, { manager: exchange.manager, tracked: true }, context);
    if (!prepared) return done;
    const key = storageKey(BUDGETS, namespace, budget.metadata.name);
    return { operations: [{ put: { key, value: storedText(prepared) } }], answer: () => undefined };
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
