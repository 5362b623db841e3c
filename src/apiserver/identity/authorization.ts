/** The 403 of a request that the authorizer refuses. Source: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go. */

import { StatusError } from '../../objects/status.ts';
import type { Attributes } from '../../resources/rbac/authorizer.ts';
import type { Identity } from './authentication.ts';

/** Messages must not look like HTML; quotes may stay. */
const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const sanitized = (text: string): string => text.replaceAll(/[&<>]/g, (c) => HTML[c]!);

/** `reason`: what the authorizer says of it, '' for nothing. */
export function refusal(identity: Identity, attributes: Attributes, reason = ''): StatusError {
  const who = `User ${JSON.stringify(identity.user)} cannot ${attributes.verb}`;
  const why = reason ? `: ${reason}` : '';
  if (attributes.path !== undefined)
    return new StatusError(
      403,
      'Forbidden',
      `forbidden: ${sanitized(`${who} path ${JSON.stringify(attributes.path)}`)}${why}`,
      {},
    );
  const { group, resource, subresource, namespace, name } = attributes;
  const what = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const subject = group ? `${resource}.${group}` : resource;
  return new StatusError(
    403,
    'Forbidden',
    `${subject}${name ? ` ${JSON.stringify(name)}` : ''} is forbidden: ${sanitized(`${who} resource "${what}" in API group "${group}" ${where}`)}${why}`,
    { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource },
  );
}
