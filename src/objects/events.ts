/** What all events have, whoever writes them. */
import type { KubeObject } from './object.ts';

/** An event's name ends with the nanosecond that it was recorded at; the store's revision tells those of one instant apart. */
export const eventName = (generateName: string, now: number, revision: number): string =>
  generateName + (BigInt(Math.trunc(now)) * 1_000_000n + BigInt(revision % 1_000_000)).toString(16);

/** What an event is about. `fieldPath`: a part of it, `spec.containers{web}`. */
export function objectReference(
  { kind, apiVersion, metadata }: KubeObject,
  fieldPath?: string,
): Record<string, unknown> {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    kind,
    ...(namespace ? { namespace } : {}),
    name,
    ...(uid === undefined ? {} : { uid }),
    apiVersion,
    ...(resourceVersion ? { resourceVersion } : {}),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}
