/** What goes through a subresource and is not the object that is stored there: an Eviction, a Binding, a Scale, what a connection asks for. */
import { cloneJSON } from '../../objects/clone.ts';
import type { KubeObject } from '../../objects/object.ts';
import { commit } from '../commit.ts';
import type { Exchange } from '../exchange.ts';
import type { Seen } from '../write/decision.ts';
import type { ObjectType, Operation } from './admission-request.ts';

interface Through {
  operation: Operation;
  objectType: ObjectType;
  object: KubeObject;
  old?: KubeObject;
}

/** Has it admitted within a decision. Answers it as policies and webhooks have made it. @throws StatusError, AnswersNeeded */
export function admitThrough(
  { kind, namespace, name, subresource }: Pick<Exchange, 'kind' | 'namespace' | 'name' | 'subresource'>,
  { dynamicAdmission }: Seen['context'],
  through: Through,
): KubeObject {
  if (!dynamicAdmission) return through.object;
  const object = cloneJSON(through.object);
  const { operation, objectType, old } = through;
  const request = { operation, kind, subresource, objectType, namespace, name: name ?? '', object, old };
  dynamicAdmission.mutate(request, () => undefined);
  dynamicAdmission.validate(request);
  return object;
}

/** Has what is not stored admitted by itself. Answers it as it was admitted, and the cluster's time. @throws StatusError */
export const admitAlone = (exchange: Exchange, through: Through): Promise<{ object: KubeObject; now: number }> =>
  commit(exchange, [], undefined, ({ context, now }) => {
    const object = admitThrough(exchange, context, through);
    return { operations: [], answer: () => ({ object, now }) };
  });

const CORE_V1 = { group: '', version: 'v1' };

/** Has a connection admitted: `options` are what its query says, of `kind`. @throws StatusError */
export async function admitConnection(exchange: Exchange, kind: string, options: object): Promise<void> {
  const object = { kind, apiVersion: 'v1', ...options } as KubeObject;
  await admitAlone(exchange, { operation: 'CONNECT', objectType: { ...CORE_V1, kind }, object });
}
