/**
 * log, exec, attach and portforward of pods: checked as the real server does before it asks a kubelet.
 * Source: k8s.io/kubernetes/pkg/registry/core/pod (strategy.go, rest/) and pkg/apis/core/validation.
 */
import { type FieldError, invalid as invalidValue, WHOLE_OBJECT } from '../resources/field-error.ts';
import type { KubeObject } from '../resources/object.ts';
import { integer } from './options.ts';
import { commit, type Exchange, groupResource } from './pipeline.ts';
import { badRequest, invalid, notFound, StatusError } from './status.ts';

export async function podStream(exchange: Exchange): Promise<Response> {
  const { subresource, kind, name } = exchange;
  const logErrors = subresource === 'log' ? logOptionErrors(exchange.query) : [];
  if (logErrors.length > 0) throw invalid('', 'PodLogOptions', name!, logErrors);
  const pod = await commit<KubeObject>(exchange, [], name!, (seen) => {
    if (!seen.current) throw notFound(groupResource(kind), name!);
    const found = seen.current;
    return { operations: [], answer: () => found };
  });
  const container = exchange.query.get('container') ?? '';
  if (subresource !== 'portforward') chooseContainer(pod, container, subresource!);
  if (!pod.spec.nodeName) {
    if (subresource === 'log') return new Response(null, { status: 204 });
    throw badRequest(`pod ${name} does not have a host assigned`);
  }
  if (subresource === 'log') return text('');
  throw new StatusError(501, 'NotImplemented', `the node's containers take no ${subresource} yet`);
}

/** The container asked for, or the only one. */
function chooseContainer(pod: KubeObject, asked: string, subresource: string): void {
  const names = (field: string): string[] => (pod.spec[field] ?? []).map((c: { name: string }) => c.name);
  const all = [...names('initContainers'), ...names('containers'), ...names('ephemeralContainers')];
  const { name } = pod.metadata;
  if (asked !== '') {
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`);
    return;
  }
  if (names('containers').length <= 1) return;
  const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (chosen && subresource !== 'log' && all.includes(chosen)) return;
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
