/** Requests that are answered and leave nothing behind: reviews, and tokens of service accounts. */
import type { KubeObject } from '../resources/object.ts';
import { trackUpdate } from './apply/track.ts';
import { ISSUER } from './authentication.ts';
import { readObject } from './body.ts';
import { objectBody, respond } from './encode.ts';
import { readPolicy } from './gate.ts';
import { managerOf, writeOptions } from './options.ts';
import { commit, type Exchange, groupResource, timestamp } from './pipeline.ts';
import { answerReview, checkTokenRequest, DEFAULT_TOKEN_SECONDS } from './reviews.ts';
import { resourceNotFound } from './route.ts';
import { matchNamespace } from './stages.ts';
import { notFound } from './status.ts';

export async function review(exchange: Exchange): Promise<Response> {
  const { kind, namespace, query, request, identity, storage, accepted, tokens } = exchange;
  const options = writeOptions(query, 'CreateOptions');
  const object = await readObject(exchange, kind, options.fieldValidation);
  object.metadata ??= {} as KubeObject['metadata'];
  if (kind.namespaced) matchNamespace(object, namespace);
  if (namespace !== undefined) object.metadata.namespace = namespace;
  const { now } = await storage.read([]);
  delete object.status;
  if (kind.kind !== 'SelfSubjectReview')
    trackUpdate({
      kind,
      object,
      manager: managerOf(options.fieldManager, request),
      subresource: '',
      now: timestamp(now),
    });
  await answerReview(object, {
    identity,
    ...(namespace === undefined ? {} : { namespace }),
    now: timestamp(now),
    policy: () => readPolicy(storage),
    authenticate: async (token) => tokens?.identify(token),
  });
  return respond(objectBody(kind, object, accepted, query, now), accepted, 201, exchange.warnings);
}

const TOKEN_REQUEST = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  schema: 'io.k8s.api.authentication.v1.TokenRequest',
};

/** POST …/serviceaccounts/NAME/token. */
export async function serviceAccountToken(exchange: Exchange): Promise<Response> {
  const { kind, name, namespace, query, request, accepted, tokens } = exchange;
  if (!tokens) throw resourceNotFound();
  const options = writeOptions(query, 'CreateOptions');
  const object = await readObject(exchange, TOKEN_REQUEST, options.fieldValidation);
  object.spec ??= {};
  const spec = object.spec;
  spec.expirationSeconds ||= DEFAULT_TOKEN_SECONDS;
  const bound = spec.boundObjectRef;
  const reads =
    bound?.kind === 'Pod' && bound.name ? [{ resource: 'pods', namespace: namespace!, name: bound.name }] : [];
  const { account, pod, now, id } = await commit(exchange, reads, name!, (seen) => {
    if (!seen.current) throw notFound(groupResource(kind), name!);
    const pod = reads.length > 0 ? seen.view.get('pods', namespace, bound.name) : undefined;
    if (reads.length > 0 && !pod) throw notFound({ group: '', resource: 'pods' }, bound.name);
    const found = { account: seen.current, pod, now: seen.now, id: seen.context.random.uid() };
    return { operations: [], answer: () => found };
  });
  checkTokenRequest(spec);
  object.metadata = {
    name: name!,
    namespace: namespace!,
    uid: account.metadata.uid!,
    creationTimestamp: timestamp(now),
  };
  trackUpdate({
    kind: { ...kind, ...TOKEN_REQUEST },
    object,
    manager: managerOf(options.fieldManager, request),
    subresource: 'token',
    now: timestamp(now),
  });
  spec.audiences = spec.audiences?.length ? spec.audiences : [ISSUER];
  spec.boundObjectRef ??= null;
  const issuedAt = Math.floor(now / 1000);
  const expiresAt = issuedAt + spec.expirationSeconds;
  const token = await tokens.sign({
    namespace: namespace!,
    name: name!,
    uid: account.metadata.uid!,
    audiences: spec.audiences,
    issuedAt,
    expiresAt,
    id,
    ...(pod ? { pod: { name: pod.metadata.name, uid: pod.metadata.uid! } } : {}),
  });
  object.status = { token, expirationTimestamp: timestamp(expiresAt * 1000) };
  return respond(object, accepted, 201, exchange.warnings);
}
