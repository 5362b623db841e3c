/** What a container's environment takes from ConfigMaps and Secrets: without it the container does not start. */
import type { Container, SecretKeySelector } from '../../objects/generated/core-v1.gen.ts';
import type { View } from '../../objects/object.ts';

/** What is missing, in the kubelet's words; undefined when nothing is. */
export function missingConfig(reader: View, namespace: string, container: Container): string | undefined {
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    for (const [kind, reference] of [
      ['configmap', configMapRef],
      ['secret', secretRef],
    ] as const) {
      if (!reference || reference.optional) continue;
      if (!reader.get(`${kind}s`, namespace, reference.name ?? '')) return `${kind} "${reference.name}" not found`;
    }
  }
  for (const { valueFrom } of container.env ?? []) {
    const missing =
      missingKey(reader, namespace, 'configmap', valueFrom?.configMapKeyRef) ??
      missingKey(reader, namespace, 'secret', valueFrom?.secretKeyRef);
    if (missing) return missing;
  }
  return undefined;
}

function missingKey(
  reader: View,
  namespace: string,
  kind: 'configmap' | 'secret',
  reference: SecretKeySelector | undefined,
): string | undefined {
  if (!reference || reference.optional) return undefined;
  const object = reader.get(`${kind}s`, namespace, reference.name ?? '');
  if (!object) return `${kind} "${reference.name}" not found`;
  // Of a ConfigMap, binaryData is for volumes only.
  if (Object.hasOwn(object.data ?? {}, reference.key)) return undefined;
  const what = kind === 'configmap' ? 'ConfigMap' : 'Secret';
  return `couldn't find key ${reference.key} in ${what} ${namespace}/${reference.name}`;
}
