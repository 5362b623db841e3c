/** The binding subresource of pods. Source: k8s.io/kubernetes/pkg/registry/core/pod/storage/storage.go. */

import { topologyLabels } from '../../admission/pod-topology-labels.ts';
import { storageKey } from '../../catalog/kinds.ts';
import { checked } from '../../objects/field-checks.ts';
import { type FieldError, notSupported, required } from '../../objects/field-error.ts';
import type { PodCondition } from '../../objects/generated/core-v1.gen.ts';
import { isDNS1123Subdomain } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, conflict, notFound, StatusError } from '../../objects/status.ts';
import { builtIn } from '../../resources/built-in.ts';
import { respond } from '../answer/encode.ts';
import { commit } from '../commit.ts';
import { admitThrough } from '../dynamic-admission/subresource-admission.ts';
import { writeOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { storedText } from '../storage/stored.ts';
import { readObject } from '../write/body.ts';
import { matchNamespace } from '../write/places.ts';
import { CREATED } from './created.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding' };
const PODS = builtIn('pods');

/** `POST pods/NAME/binding`, and `POST bindings` with the pod's name in the body. */
export async function bind(exchange: Exchange): Promise<Response> {
  const options = writeOptions(exchange.query, 'CreateOptions');
  exchange.dryRun = options.dryRun;
  const sent = await readObject(exchange, BINDING, options.fieldValidation);
  matchNamespace(sent, exchange.namespace);
  const said = sent.metadata?.name ?? '';
  const name = exchange.name ?? said;
  if (said !== name) throw badRequest('name in URL does not match name in Binding object');
  const node: string = sent.target?.name ?? '';
  checkTarget(sent.target?.kind ?? '', node);
  if (name === '') throw badRequest('Name parameter required.');
  const onPod: Exchange = { ...exchange, kind: PODS, askedKind: exchange.kind };
  return commit(onPod, [{ resource: 'nodes', name: node }], name, (seen) => {
    const request = { operation: 'CREATE' as const, objectType: BINDING, object: sent };
    const binding = admitThrough({ ...exchange, name }, seen.context, request);
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
