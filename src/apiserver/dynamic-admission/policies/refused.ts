/** How a policy's refusal names what it refuses. Models NewForbidden and extractResourceName in k8s.io/apiserver's pkg/admission. */
import { forbidden, type StatusError } from '../../../objects/status.ts';
import type { AdmissionRequest } from '../admission-request.ts';

export function refusal({ kind, name, object }: AdmissionRequest, message: string): StatusError {
  const { metadata } = object ?? {};
  const called = name || metadata?.name || metadata?.generateName || 'Unknown';
  return forbidden({ group: kind.group, resource: kind.resource }, called, message);
}
