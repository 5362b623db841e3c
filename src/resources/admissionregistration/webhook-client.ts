/** How a webhook is reached. Source: k8s.io/apiserver/pkg/util/webhook/validation.go. */

import { type FieldError, invalid, required } from '../../objects/field-error.ts';
import type { ServiceReference, WebhookClientConfig } from '../../objects/generated/admissionregistration-v1.gen.ts';
import { isDNS1123Subdomain, isPortNumber } from '../../objects/names.ts';

const FORM = '; desired format: https://host[/path]';

/** `scheme://user@host/path?query#fragment`, as Go's parser sees it. */
const URL_PARTS = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s;

export function validateWebhookURL(field: string, url: string): FieldError[] {
  const [, scheme = '', user, host = '', query, fragment] = URL_PARTS.exec(url) ?? [];
  const errors: FieldError[] = [];
  if (scheme.toLowerCase() !== 'https')
    errors.push(invalid(field, scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`));
  if (host === '') errors.push(invalid(field, host, `host must be specified${FORM}`));
  if (user !== undefined) errors.push(invalid(field, user, 'user information is not permitted in the URL'));
  if (fragment) errors.push(invalid(field, fragment, 'fragments are not permitted in the URL'));
  if (query) errors.push(invalid(field, query, 'query parameters are not permitted in the URL'));
  return errors;
}

export function validateWebhookService(field: string, service: ServiceReference): FieldError[] {
  const { name = '', namespace = '', port = 443, path } = service;
  const errors: FieldError[] = [];
  // The real server hands over the two the other way round.
  if (namespace === '') errors.push(required(`${field}.name`));
  if (name === '') errors.push(required(`${field}.namespace`));
  const wrong = isPortNumber(port);
  if (wrong.length > 0) errors.push(invalid(`${field}.port`, port, `port is not valid: ${wrong.join(', ')}`));
  if (!path || path === '/') return errors;
  const at = `${field}.path`;
  if (path === '//') return [...errors, invalid(at, path, 'segment[0] may not be empty')];
  if (!path.startsWith('/')) errors.push(invalid(at, path, "must start with a '/'"));
  for (const [i, step] of path.slice(1).replace(/\/$/, '').split('/').entries())
    if (step === '') errors.push(invalid(at, path, `segment[${i}] may not be empty`));
    else for (const words of isDNS1123Subdomain(step)) errors.push(invalid(at, path, `segment[${i}]: ${words}`));
  return errors;
}

/** Exactly one of the two ways. */
export function validateClientConfig(config: WebhookClientConfig, field: string): FieldError[] {
  const { url, service } = config ?? {};
  const hasURL = url !== undefined && url !== null;
  if (hasURL === Boolean(service)) return [required(field, 'exactly one of url or service is required')];
  return hasURL ? validateWebhookURL(`${field}.url`, url) : validateWebhookService(`${field}.service`, service!);
}
