/** The log of a container. Source: k8s.io/kubernetes/pkg/registry/core/pod/rest/log.go, pkg/apis/core/validation. */

import { type FieldError, invalid as invalidValue, WHOLE_OBJECT } from '../../objects/field-error.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, invalid } from '../../objects/status.ts';
import { integer } from '../options.ts';
import type { Exchange } from '../pipeline.ts';
import { offeredProtocols } from '../streams/channel-protocol.ts';
import { readerProtocol, sendText } from '../streams/log-socket.ts';
import { logStream } from '../streams/log-stream.ts';
import type { LogOptions } from '../streams/log-text.ts';
import type { LogRequest } from '../streams/log-wire.ts';
import type { Upgrade } from './pod-connection.ts';
import { chooseContainer, statusOf } from './pod-container.ts';
import { podAndNode } from './pod-node.ts';
import { isSet } from './pod-options.ts';

export async function podLog(exchange: Exchange): Promise<Response> {
  const { query, name, pods } = exchange;
  const errors = logOptionErrors(query);
  if (errors.length > 0) throw invalid('', 'PodLogOptions', name!, errors);
  let container = '';
  const { pod, now } = await podAndNode(exchange, (found) => {
    container = chooseContainer(found, query.get('container') ?? '', 'log');
  });
  if (!pod.spec.nodeName) return new Response(null, { status: 204 });
  const previous = isSet(query.get('previous'));
  const fault = logFault(pod, container, previous);
  if (fault) throw badRequest(fault);
  const { namespace = '', uid = '' } = pod.metadata;
  const request: LogRequest = {
    namespace,
    pod: name!,
    uid,
    container,
    attempt: whichRun(pod, container, previous),
    options: optionsOf(query, now),
  };
  exchange.storage.held?.give();
  if (!pods) return text('');
  const isFollowed = isSet(query.get('follow')) && statusOf(pod, container)?.state?.running !== undefined;
  if (!isFollowed || previous)
    return text((await pods.log(request)) ?? `unable to retrieve container logs for ${containerOf(pod, container)}`);
  return text(logStream(await pods.followLog(request), exchange.timers));
}

/** Whether a log is asked for. */
export const isPodLog = ({ kind, subresource }: Exchange): boolean => kind.resource === 'pods' && subresource === 'log';

/** The log over a WebSocket, or why there is none. @throws StatusError */
export async function logUpgrade(exchange: Exchange): Promise<Upgrade | Response> {
  const protocol = readerProtocol(offeredProtocols(exchange.request));
  if (protocol === undefined) return new Response(null, { status: 403 });
  const answer = await podLog(exchange);
  const { body } = answer;
  if (answer.status !== 200 || !body) return answer;
  return { protocol, join: (client) => void sendText(client, body, protocol, exchange.config.id) };
}

/** Of a container that waits to be started again the last run is also the one before, as there is no other yet. */
function whichRun(pod: KubeObject, container: string, previous: boolean): number {
  const { restartCount = 0, state } = statusOf(pod, container) ?? {};
  return previous && !state?.waiting ? restartCount - 1 : restartCount;
}

/** Its id, where what ran of it is gone. */
function containerOf(pod: KubeObject, container: string): string {
  const { containerID, state, lastState } = statusOf(pod, container) ?? {};
  return containerID ?? state?.terminated?.containerID ?? lastState?.terminated?.containerID ?? '';
}

const text = (body: BodyInit | null): Response =>
  new Response(body, {
    headers: { 'content-type': 'text/plain', 'cache-control': 'no-cache, private, no-transform' },
  });

/** Why the kubelet has no log of the container. Models pkg/kubelet/kubelet_pods.go (validateContainerLogStatus). */
function logFault(pod: KubeObject, container: string, previous: boolean): string | undefined {
  const status = statusOf(pod, container);
  const subject = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)}`;
  if (!status) return `${subject} is not available`;
  const { running, terminated, waiting } = status.state ?? {};
  const before: string | undefined = status.lastState?.terminated?.containerID;
  if (previous) return before ? undefined : `previous terminated ${subject} not found`;
  if (running) return undefined;
  if (terminated || status.lastState?.terminated)
    return terminated?.containerID || before ? undefined : `${subject} is terminated`;
  if (!waiting) return `${subject} is waiting to start - no logs yet`;
  return `${subject} is waiting to start: ${WAITING[waiting.reason ?? ''] ?? waiting.reason}`;
}

const WAITING: Record<string, string> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

const STREAMS: Record<string, LogOptions['stream']> = { Stdout: 'stdout', Stderr: 'stderr' };

/** `now`: the cluster's time. */
function optionsOf(query: URLSearchParams, now: number): LogOptions {
  const seconds = integer(query, 'sinceSeconds');
  const time = Date.parse(query.get('sinceTime') ?? '');
  const since = seconds === undefined ? time : now - seconds * 1000;
  const tail = integer(query, 'tailLines');
  const limitBytes = integer(query, 'limitBytes');
  const stream = STREAMS[query.get('stream') ?? ''];
  return {
    timestamps: isSet(query.get('timestamps')),
    ...(Number.isNaN(since) ? {} : { since }),
    ...(tail === undefined ? {} : { tail }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(stream === undefined ? {} : { stream }),
  };
}

function logOptionErrors(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  const tail = integer(query, 'tailLines');
  if (tail !== undefined && tail < 0)
    errors.push(invalidValue('tailLines', tail, 'must be greater than or equal to 0'));
  const limit = integer(query, 'limitBytes');
  if (limit !== undefined && limit < 1) errors.push(invalidValue('limitBytes', limit, 'must be greater than 0'));
  const since = integer(query, 'sinceSeconds');
  if (since !== undefined && query.get('sinceTime'))
    errors.push({
      type: 'FieldValueForbidden',
      field: WHOLE_OBJECT,
      message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    });
  else if (since !== undefined && since < 1) errors.push(invalidValue('sinceSeconds', since, 'must be greater than 0'));
  return errors;
}
