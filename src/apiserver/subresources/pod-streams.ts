/**
 * log, exec, attach and portforward of pods: checked as the real server does before it asks a kubelet.
 * Source: k8s.io/kubernetes/pkg/registry/core/pod (strategy.go, rest/) and pkg/apis/core/validation.
 */
import { type FieldError, invalid as invalidValue, WHOLE_OBJECT } from '../../objects/field-error.ts';
import type { ContainerStatus } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { badRequest, invalid, notFound, StatusError } from '../../objects/status.ts';
import { commit } from '../commit.ts';
import { admitConnection } from '../dynamic-admission/subresource-admission.ts';
import { integer } from '../options.ts';
import type { Exchange } from '../pipeline.ts';

export async function podStream(exchange: Exchange): Promise<Response> {
  const { subresource, kind, name } = exchange;
  const logErrors = subresource === 'log' ? logOptionErrors(exchange.query) : [];
  if (logErrors.length > 0) throw invalid('', 'PodLogOptions', name!, logErrors);
  if (subresource !== 'log') await admitConnection(exchange, CONNECTIONS[subresource!]!, connectionOptions(exchange));
  const pod = await commit<KubeObject>(exchange, [], name!, (seen) => {
    if (!seen.current) throw notFound(kind, name!);
    const found = seen.current;
    return { operations: [], answer: () => found };
  });
  const asked = exchange.query.get('container') ?? '';
  const container = subresource === 'portforward' ? '' : chooseContainer(pod, asked, subresource!);
  const { nodeName } = pod.spec;
  if (!nodeName) {
    if (subresource === 'log') return new Response(null, { status: 204 });
    throw badRequest(`pod ${name} does not have a host assigned`);
  }
  await commit(exchange, [{ resource: 'nodes', name: nodeName }], name!, (seen) => {
    // The real server calls the node a pod here.
    if (!seen.view.get('nodes', undefined, nodeName)) throw notFound(kind, nodeName);
    return { operations: [], answer: () => undefined };
  });
  if (subresource === 'log') {
    const fault = logFault(pod, container, isTrue(exchange.query.get('previous')));
    if (fault) throw badRequest(fault);
    return text('');
  }
  throw new StatusError(501, 'NotImplemented', `the node's containers take no ${subresource} yet`);
}

/** What each subresource's options are called. */
const CONNECTIONS: Record<string, string> = {
  attach: 'PodAttachOptions',
  exec: 'PodExecOptions',
  portforward: 'PodPortForwardOptions',
};

/** What the query of a connection says, as its options have it. */
function connectionOptions({ query, subresource }: Exchange): object {
  if (subresource === 'portforward') {
    const ports = query.getAll('ports').map(Number);
    return ports.length > 0 ? { ports } : {};
  }
  const container = query.get('container');
  const command = query.getAll('command');
  const flags = ['stdin', 'stdout', 'stderr', 'tty'].filter((flag) =>
    query.has(flag) ? isTrue(query.get(flag)) : flag.startsWith('stdo') || flag === 'stderr',
  );
  return {
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    ...(container ? { container } : {}),
    ...(command.length > 0 && subresource === 'exec' ? { command } : {}),
  };
}

const isTrue = (value: string | null): boolean =>
  value !== null && !['', '0', 'f', 'false'].includes(value.toLowerCase());

/** Why the kubelet has no log of the container. Models pkg/kubelet/kubelet_pods.go (validateContainerLogStatus). */
function logFault(pod: KubeObject, container: string, previous: boolean): string | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const statuses: ContainerStatus[] = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  const status = statuses.find(({ name }) => name === container);
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

/** The container asked for, or the only one. */
function chooseContainer(pod: KubeObject, asked: string, subresource: string): string {
  const names = (field: string): string[] => (pod.spec[field] ?? []).map((c: { name: string }) => c.name);
  const all = [...names('initContainers'), ...names('containers'), ...names('ephemeralContainers')];
  const { name } = pod.metadata;
  if (asked !== '') {
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
    return asked;
  }
  const [only = '', ...others] = names('containers');
  if (others.length === 0) return only;
  const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (chosen && subresource !== 'log' && all.includes(chosen)) return chosen;
  const init = names('initContainers');
  const choices = `choose one of: [${names('containers').join(' ')}]`;
  throw badRequest(
    `a container name must be specified for pod ${name}, ${choices}${init.length ? ` or one of the init containers: [${init.join(' ')}]` : ''}`,
  );
}

function logOptionErrors(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  const number = (field: string): number | undefined => integer(query, field);
  const tail = number('tailLines');
  if (tail !== undefined && tail < 0)
    errors.push(invalidValue('tailLines', tail, 'must be greater than or equal to 0'));
  const limit = number('limitBytes');
  if (limit !== undefined && limit < 1) errors.push(invalidValue('limitBytes', limit, 'must be greater than 0'));
  const since = number('sinceSeconds');
  if (since !== undefined && query.get('sinceTime'))
    errors.push({
      type: 'FieldValueForbidden',
      field: WHOLE_OBJECT,
      message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    });
  else if (since !== undefined && since < 1) errors.push(invalidValue('sinceSeconds', since, 'must be greater than 0'));
  return errors;
}

const text = (body: string): Response => new Response(body, { headers: { 'content-type': 'text/plain' } });
