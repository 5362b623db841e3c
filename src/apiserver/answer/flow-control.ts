/**
 * How too many requests are answered, and by what any request was counted.
 * Models k8s.io/apiserver/pkg/server/filters/priority-and-fairness.go, and NewTooManyRequests of apimachinery's errors.
 */
import { StatusError } from '../../objects/status.ts';
import { type Flow, flowOf, type Requester } from '../../resources/flowcontrol/classification.ts';
import { requestInfo } from '../request-info.ts';

export const TOO_MANY_REQUESTS = 'Too many requests, please try again later.';
/** Models pkg/util/flowcontrol/dropped_requests_tracker.go: what a client is told to wait at most. */
export const MAX_RETRY_AFTER_SECONDS = 32;

/** What flow control answers for a cluster that is over its budget: plain text, and after how many seconds to come back. */
export const flowControlResponse = (retryAfter: number): Response =>
  new Response(`${TOO_MANY_REQUESTS}\n`, {
    status: 429,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-cache, private',
      'retry-after': String(Math.min(MAX_RETRY_AFTER_SECONDS, retryAfter)),
    },
  });

/** Tells a client by which flow schema its request was counted, and at which priority level. `url` has the path as the API has it. */
export function tellFlow(
  { headers }: Response,
  flows: readonly Flow[],
  who: Requester,
  { method }: Request,
  { pathname, searchParams }: URL,
): void {
  const flow = flowOf(flows, who, requestInfo(method, pathname, searchParams));
  if (!flow) return;
  headers.set('x-kubernetes-pf-flowschema-uid', flow.schema);
  headers.set('x-kubernetes-pf-prioritylevel-uid', flow.level);
}

export const tooManyRequests = (retryAfter: number): StatusError =>
  new StatusError(429, 'TooManyRequests', TOO_MANY_REQUESTS, { retryAfterSeconds: retryAfter });
