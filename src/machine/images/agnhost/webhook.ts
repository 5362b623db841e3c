/** agnhost webhook: admission webhooks that tests configure, each by its path. */
import type { Run } from '../../program.ts';
import { flag } from '../served.ts';
import { isObject, type Json, type Review, reviewServer, told } from './review-server.ts';

const PODS = 'pods';
const CONFIG_MAPS = 'configmaps';
const MARK = 'webhook-e2e-test';
const DELAY_MS = 5000;

const member = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const nameOf = (container: Json): string => String(container.name ?? '');

const allowed: Json = { allowed: true };
const refused = (message: string): Json => ({ allowed: false, status: { metadata: {}, message } });
const refusedFor = (reason: string): Json => ({ allowed: false, status: { metadata: {}, reason } });

const patched = (...operations: Json[]): Json => ({
  allowed: true,
  patch: btoa(JSON.stringify(operations)),
  patchType: 'JSONPatch',
});

/** An error of the webhook's own is a refusal, as Go's zero value is. */
const failed = (message: string): Json => ({ allowed: false, status: { metadata: {}, message } });

const isOf = ({ resource }: Json, name: string): boolean =>
  member(resource, 'resource') === name && member(resource, 'group') === '' && member(resource, 'version') === 'v1';

/** What is asked about: of a deletion what there was. */
const subjectOf = ({ operation, object, oldObject }: Json): unknown => (operation === 'DELETE' ? oldObject : object);

const plain = (review: (request: Json) => Json): Review =>
  // biome-ignore lint/correctness/useYield: it answers at once.
  function* (request) {
    return review(request);
  };

function* delayed(_: Json, process: Parameters<Review>[1]): Run<Json> {
  yield* told(process, 'always-allow-with-delay sleeping for 5 seconds');
  yield* process.sleep(DELAY_MS);
  return { allowed: true, status: { metadata: {}, message: 'this webhook allows all requests' } };
}

function addLabel({ object }: Json): Json {
  const labels = member(member(object, 'metadata'), 'labels');
  const value = member(labels, 'added-label');
  if (value === 'yes') return allowed;
  if (!isObject(labels) || Object.keys(labels).length === 0)
    return patched({ op: 'add', path: '/metadata/labels', value: { 'added-label': 'yes' } });
  const op = value === undefined ? 'add' : 'replace';
  return patched({ op, path: '/metadata/labels/added-label', value: 'yes' });
}

/** Data that is not wanted, or not to be deleted. */
function admitData(request: Json, what: string): Json {
  const mark = member(member(subjectOf(request), 'data'), MARK);
  const isDeleted = request.operation === 'DELETE';
  if (mark === 'webhook-nondeletable' && isDeleted)
    return refusedFor(`the ${what.split(' contains')[0]} cannot be deleted because it contains unwanted key and value`);
  if (mark === 'webhook-disallow' && (request.operation === 'CREATE' || request.operation === 'UPDATE'))
    return refusedFor(`the ${what}`);
  return allowed;
}

/** Two stages, each by a webhook that is called for itself: the second follows what the first has done. */
function mutateData({ object }: Json): Json {
  const data = member(object, 'data');
  const add = (stage: number): Json => patched({ op: 'add', path: `/data/mutation-stage-${stage}`, value: 'yes' });
  if (member(data, 'mutation-stage-1') === 'yes') return add(2);
  return member(data, 'mutation-start') === 'yes' ? add(1) : allowed;
}

function* admitPods(request: Json): Run<Json> {
  if (!isOf(request, PODS)) return failed('expect resource to be {"" "v1" "pods"}');
  const { object } = request;
  const label = member(member(member(object, 'metadata'), 'labels'), MARK);
  const words: string[] = [];
  if (label === 'webhook-disallow') words.push('the pod contains unwanted label;');
  // Nobody ever sends on the channel that the real one reads.
  if (label === 'wait-forever') yield { for: 'nothing' };
  for (const container of listOf(member(member(object, 'spec'), 'containers')))
    if (nameOf(container).includes('webhook-disallow')) words.push('the pod contains unwanted container name;');
  return words.length > 0 ? refused(words.join(' ')) : allowed;
}

const has = (object: unknown, list: string, name: string): boolean =>
  listOf(member(member(object, 'spec'), list)).some((container) => nameOf(container) === name);

function mutatePods({ object }: Json): Json {
  const name = 'webhook-added-init-container';
  if (member(member(object, 'metadata'), 'name') !== 'webhook-to-be-mutated' || has(object, 'initContainers', name))
    return allowed;
  const container = { image: 'webhook-added-image', name, resources: {} };
  return patched({ op: 'add', path: '/spec/initContainers', value: [container] });
}

function* addSidecar({ object }: Json, process: Parameters<Review>[1]): Run<Json> {
  const image = flag(process.args, 'sidecar-image') ?? '';
  const message = 'No image specified by the sidecar-image parameter';
  if (image === '') return { allowed: false, status: { metadata: {}, status: 'Failure', message, code: 500 } };
  const name = 'webhook-added-sidecar';
  if (has(object, 'containers', name)) return allowed;
  yield* told(process, 'mutating pods');
  return patched({ op: 'add', path: '/spec/containers/-', value: { image, name, resources: {} } });
}

function admitAttachment(request: Json): Json {
  const { name, subResource, object } = request;
  if (name !== 'to-be-attached-pod') return allowed;
  if (!isOf(request, PODS)) return failed('expect resource to be {"" "v1" "pods"}');
  if (subResource !== 'attach') return failed(`expect subresource to be attach, got ${subResource ?? ''}`);
  const isWanted = member(object, 'stdin') !== true || member(object, 'container') !== 'container1';
  return isWanted ? allowed : refused("attaching to pod 'to-be-attached-pod' is not allowed");
}

function admitDefinition({ resource, object }: Json): Json {
  const isDefinition = member(resource, 'resource') === 'customresourcedefinitions';
  if (!isDefinition || member(resource, 'group') !== 'apiextensions.k8s.io')
    return failed(`expect resource to be a customresourcedefinition but got ${JSON.stringify(resource)}`);
  const label = member(member(member(object, 'metadata'), 'labels'), MARK);
  return label === 'webhook-disallow' ? refused('the crd contains unwanted label') : allowed;
}

/** Of another resource the real one answers nothing at all, which Go's server makes an end of the connection of. */
const onlyOf = (name: string, review: Review): Review =>
  function* (request, process) {
    return isOf(request, name) ? yield* review(request, process) : undefined;
  };

export const webhook = reviewServer(
  { group: 'admission.k8s.io', kind: 'AdmissionReview' },
  {
    '/always-allow-delay-5s': delayed,
    '/always-deny': plain(() => refused('this webhook denies all requests')),
    '/add-label': plain(addLabel),
    '/pods': admitPods,
    '/pods/attach': plain(admitAttachment),
    '/mutating-pods': onlyOf(PODS, plain(mutatePods)),
    '/mutating-pods-sidecar': onlyOf(PODS, addSidecar),
    '/configmaps': onlyOf(
      CONFIG_MAPS,
      plain((request) => admitData(request, 'configmap contains unwanted key and value')),
    ),
    '/mutating-configmaps': onlyOf(CONFIG_MAPS, plain(mutateData)),
    '/custom-resource': plain((request) => admitData(request, 'custom resource contains unwanted data')),
    '/mutating-custom-resource': plain(mutateData),
    '/crd': plain(admitDefinition),
  },
);
