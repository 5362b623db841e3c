/** Reviews: requests that are answered and leave nothing behind. */
import type { KubeObject } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import { objectBody, respond } from '../answer/encode.ts';
import { trackUpdate } from '../apply/track.ts';
import { INVALID_TOKEN } from '../gate.ts';
import { managerOf, writeOptions } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { readObject } from '../write/body.ts';
import { matchNamespace } from '../write/places.ts';
import { readPolicy } from './policy.ts';
import { answerReview } from './reviews.ts';

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
    policy: async () => (await readPolicy(storage)).policy,
    authenticate: async (token, audiences) => tokens?.review(token, audiences) ?? { error: INVALID_TOKEN },
  });
  return respond(objectBody(kind, object, accepted, query, now), accepted, 201, exchange.warnings);
}
