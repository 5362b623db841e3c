/** POST …/serviceaccounts/NAME/token: a token that lives as long as what it is bound to. Models pkg/registry/core/serviceaccount/storage/token.go. */

import { builtInStruct } from '../../catalog/schema.ts';
import type { Read } from '../../catalog/strategy.ts';
import { type FieldError, invalid } from '../../objects/field-error.ts';
import type { BoundObjectReference, TokenRequestSpec } from '../../objects/generated/authentication-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { badRequest, conflict, invalid as invalidObject, notFound, StatusError } from '../../objects/status.ts';
import { timestamp } from '../../objects/time.ts';
import { respond } from '../answer/encode.ts';
import { trackUpdate } from '../apply/track.ts';
import { admitAlone } from '../dynamic-admission/subresource-admission.ts';
import { managerOf, writeOptions } from '../options.ts';
import { type Exchange, readView } from '../pipeline.ts';
import { resourceNotFound } from '../route.ts';
import { readObject } from '../write/body.ts';
import { API_AUDIENCE } from './service-account-token.ts';
import type { Ref } from './token-key.ts';

const TOKEN_REQUEST = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  struct: builtInStruct('io.k8s.api.authentication.v1.TokenRequest'),
};

export const MIN_TOKEN_SECONDS = 600;
export const MAX_TOKEN_SECONDS = 2 ** 32;
const DEFAULT_TOKEN_SECONDS = 3600;
const DEFAULT_ACCOUNT = 'default';
/** A pod that asks for exactly so long has an old client: its token lasts a year, and its use is noted after that time. */
export const STRETCHED_SECONDS = 3607;
export const STRETCHED_TO_SECONDS = 365 * 24 * 3600;

export async function requestToken(exchange: Exchange): Promise<Response> {
  const { kind, name, namespace, query, request, accepted, tokens, storage } = exchange;
  if (!tokens) throw resourceNotFound();
  const options = writeOptions(query, 'CreateOptions');
  exchange.dryRun = options.dryRun;
  const sent = await readObject(exchange, TOKEN_REQUEST, options.fieldValidation);
  sent.metadata ??= {} as KubeObject['metadata'];
  matchAccount(sent, name!, namespace!);
  sent.spec ??= {};
  sent.spec.expirationSeconds ??= DEFAULT_TOKEN_SECONDS;
  const asked = { operation: 'CREATE' as const, objectType: TOKEN_REQUEST, object: sent };
  const { object, now } = await admitAlone(exchange, asked);
  const spec = object.spec!;
  const reads: Read[] = [{ resource: 'serviceaccounts', namespace: namespace!, name: name! }];
  const bound = BINDABLE.find(({ matches }) => spec.boundObjectRef && matches(spec.boundObjectRef));
  if (bound && spec.boundObjectRef.name) reads.push(bound.read(spec.boundObjectRef.name, namespace!));
  const view = await readView(storage, reads);
  const account = view.get('serviceaccounts', namespace, name!);
  if (!account) throw notFound(kind, name!);
  const { uid } = account.metadata;
  matchUid(object, uid!);
  object.metadata = {
    ...object.metadata,
    name: name!,
    namespace: namespace!,
    uid: uid!,
    creationTimestamp: timestamp(now),
  };
  trackUpdate({
    kind: { ...kind, ...TOKEN_REQUEST },
    object,
    manager: managerOf(options.fieldManager, request),
    subresource: 'token',
    now: timestamp(now),
  });
  spec.audiences = spec.audiences?.length ? spec.audiences : [API_AUDIENCE];
  checkTokenRequest(spec);
  const target = spec.boundObjectRef ? boundTo(spec.boundObjectRef, bound, name!, namespace!, view) : {};
  spec.boundObjectRef ??= null;
  const issuedAt = Math.floor(now / 1000);
  const stretched =
    target.pod &&
    spec.expirationSeconds === STRETCHED_SECONDS &&
    spec.audiences.every((a: string) => a === API_AUDIENCE);
  const token = await tokens.sign({
    namespace: namespace!,
    account: { name: name!, uid: uid! },
    audiences: spec.audiences,
    issuedAt,
    expiresAt: issuedAt + (stretched ? STRETCHED_TO_SECONDS : spec.expirationSeconds),
    ...(stretched ? { warnAfter: issuedAt + STRETCHED_SECONDS } : {}),
    ...(await withNode(target, exchange)),
  });
  object.status = { token, expirationTimestamp: timestamp((issuedAt + spec.expirationSeconds) * 1000) };
  return respond(object, accepted, 201, exchange.warnings);
}

function matchAccount(object: KubeObject, name: string, namespace: string): void {
  const said = object.metadata;
  if (said.namespace && said.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (said.name && said.name !== name)
    throw invalidObject(TOKEN_REQUEST.group, TOKEN_REQUEST.kind, name, [
      invalid('metadata.name', said.name, 'must match the service account name if specified'),
    ]);
}

function matchUid(object: KubeObject, uid: string): void {
  const said = object.metadata.uid;
  if (!said || said === uid) return;
  throw conflict(
    { group: TOKEN_REQUEST.group, resource: TOKEN_REQUEST.kind },
    object.metadata.name,
    `the UID in the token request (${said}) does not match the UID of the service account (${uid})`,
  );
}

/** @throws StatusError 422 for what a service account's token may not be. */
function checkTokenRequest(spec: TokenRequestSpec): void {
  const refuse = (errors: FieldError[]): StatusError =>
    invalidObject(TOKEN_REQUEST.group, TOKEN_REQUEST.kind, '', errors);
  if (spec.attestations && Object.keys(spec.attestations).length > 0)
    throw refuse([
      invalid(
        'spec.attestations',
        spec.attestations,
        'attestations may only be specified with a webhook bound object reference',
      ),
    ]);
  const seconds = spec.expirationSeconds!;
  const errors: FieldError[] = [];
  if (seconds < MIN_TOKEN_SECONDS)
    errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > MAX_TOKEN_SECONDS)
    errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (errors.length > 0) throw refuse(errors);
}

interface Target {
  pod?: Ref;
  secret?: Ref;
  node?: Ref;
  /** Where the pod runs. */
  nodeName?: string;
}

interface Bindable {
  matches(ref: BoundObjectReference): boolean;
  resource: string;
  read(name: string, namespace: string): Read;
  target(object: KubeObject): Target;
}

const groupOf = (ref: BoundObjectReference): string =>
  ref.apiVersion?.includes('/') ? ref.apiVersion.split('/')[0]! : '';

const bindable = (kind: string, resource: string, target: Bindable['target'], namespaced = true): Bindable => ({
  matches: (ref) => groupOf(ref) === '' && ref.kind === kind,
  resource,
  read: (name, namespace) => ({ resource, name, ...(namespaced ? { namespace } : {}) }),
  target,
});

const refOf = ({ metadata }: KubeObject): Required<Ref> => ({ name: metadata.name, uid: metadata.uid! });

const BINDABLE = [
  bindable('Pod', 'pods', (pod) => ({
    pod: refOf(pod),
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
  })),
  bindable('Secret', 'secrets', (secret) => ({ secret: refOf(secret) })),
  bindable('Node', 'nodes', (node) => ({ node: refOf(node) }), false),
];

function boundTo(
  ref: BoundObjectReference,
  bound: Bindable | undefined,
  account: string,
  namespace: string,
  view: View,
): Target {
  if (!bound) {
    const [group, version] = ref.apiVersion?.includes('/') ? ref.apiVersion.split('/') : ['', ref.apiVersion ?? ''];
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${ref.kind ?? ''}`);
  }
  if (!ref.name) throw new StatusError(500, '', 'resource name may not be empty');
  const { resource } = bound;
  const object = view.get(resource, resource === 'nodes' ? undefined : namespace, ref.name);
  if (!object) throw notFound({ group: '', resource }, ref.name);
  if (resource === 'pods' && !mayBeBound(object, account))
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    );
  if (ref.uid && ref.uid !== object.metadata.uid)
    throw conflict(
      { group: '', resource: ref.kind ?? '' },
      ref.name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  return bound.target(object);
}

/**
 * A pod takes the tokens of its own account. One that chose none runs as `default` and takes any account's, which the real server
 * refuses as well.
 */
function mayBeBound({ spec }: KubeObject, account: string): boolean {
  const own = spec?.serviceAccountName || DEFAULT_ACCOUNT;
  return own === account || own === DEFAULT_ACCOUNT;
}

/** The token of a pod also says which node it runs on, if only by name when the node is not there. */
async function withNode({ nodeName, ...target }: Target, { storage }: Exchange): Promise<Omit<Target, 'nodeName'>> {
  if (nodeName === undefined) return target;
  const node = (await readView(storage, [{ resource: 'nodes', name: nodeName }])).get('nodes', undefined, nodeName);
  return { ...target, node: node ? refOf(node) : { name: nodeName } };
}
