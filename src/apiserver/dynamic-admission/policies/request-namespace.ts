/** `namespaceObject`: where what is written is. */
import type { KubeObject } from '../../../objects/object.ts';
import { notFound } from '../../../objects/status.ts';
import type { AdmissionRequest } from '../admission-request.ts';
import type { PluginContext } from '../plugin-context.ts';

/** Undefined for what is in none, and for namespaces. @throws StatusError 404 */
export function namespaceObject(
  { kind, namespace }: AdmissionRequest,
  { view }: PluginContext,
): KubeObject | undefined {
  if (namespace === undefined || kind.name === 'namespaces') return undefined;
  const found = view.get('namespaces', undefined, namespace);
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  return found;
}
