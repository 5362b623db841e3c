/** The field `webhooks` of a cluster's making: where its webhooks may be called. */
import { isPublicHost } from '../../objects/public-host.ts';
import { httpsURL } from '../../objects/webhook-call.ts';
import { ProblemError } from '../http/problem.ts';
import { MAX_ALLOWED_WEBHOOKS, MAX_WEBHOOK_URL_LENGTH } from '../limits.ts';
import { z } from '../zod.ts';

export interface WebhooksSpec {
  /** https URLs: each allows itself and what lies below it. */
  allow: string[];
}

/**
 * A page that somebody reads must not lead his own machine's server to his own network: only who is no browser names private addresses.
 * `origin`: what browsers say of where a request comes from. @throws ProblemError 422
 */
export function refusePrivate(webhooks: WebhooksSpec | undefined, origin: string | undefined): void {
  if (origin === undefined) return;
  const index = (webhooks?.allow ?? []).findIndex((text) => !isPublicHost(new URL(text).hostname));
  if (index < 0) return;
  const pointer = `/webhooks/allow/${index}`;
  const detail = 'is a private address, which no request from a browser may name';
  throw new ProblemError(422, `${pointer}: ${detail}`, [{ pointer, detail }]);
}

function problemOf(text: string): string | undefined {
  const url = httpsURL(text);
  if (!url) return 'must be an https URL';
  if (url.username || url.password || url.search || url.hash) return 'must be an https URL of a host and a path alone';
  return undefined;
}

const address = z
  .string()
  .max(MAX_WEBHOOK_URL_LENGTH)
  .superRefine((text, context) => {
    const problem = problemOf(text);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

export const webhooksSchema = z
  .strictObject({
    allow: z
      .array(address)
      .max(MAX_ALLOWED_WEBHOOKS)
      .openapi({
        description: 'https URLs; each allows itself and what lies below it.',
        example: ['https://hooks.example.org/'],
      }),
  })
  .openapi({
    description:
      'Where webhooks of the cluster may be called: admission and conversion webhooks with a `url`. Nothing is called that is not named here, and on a hosted server no private address.',
  });
