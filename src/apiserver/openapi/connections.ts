/** Subresources that are connections or logs: their methods and what they take. Source: k8s.io/api/core/v1's options types. */
import type { KindDescription } from '../../catalog/kinds.ts';
import { capital, groupTitle, type Operation } from './operation.ts';

const STREAM: Operation['method'][] = ['get', 'post'];
const ALL: Operation['method'][] = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'];

const CONNECT: Record<string, { methods: Operation['method'][]; parameters: string[] }> = {
  attach: { methods: STREAM, parameters: ['container', 'stderr', 'stdin', 'stdout', 'tty'] },
  exec: { methods: STREAM, parameters: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'] },
  portforward: { methods: STREAM, parameters: ['ports'] },
  proxy: { methods: ALL, parameters: ['path'] },
};

export const LOG_PARAMETERS = [
  'container',
  'follow',
  'insecureSkipTLSVerifyBackend',
  'limitBytes',
  'previous',
  'sinceSeconds',
  'stream',
  'tailLines',
  'timestamps',
];

/** A subresource whose path goes on: what follows is the path at the far end. */
export const PROXY = 'proxy';

export const isConnection = (subresource: string): boolean => Object.hasOwn(CONNECT, subresource);

/** `subject` is what operation ids end in, `NamespacedPodExec`. */
export function connections(kind: KindDescription, subresource: string, subject: string): Operation[] {
  const { methods, parameters } = CONNECT[subresource]!;
  return methods.map((method) => ({
    method,
    action: 'connect',
    description: `connect ${method.toUpperCase()} requests to ${subresource} of ${kind.kind}`,
    operationId: `connect${groupTitle(kind.group, kind.version)}${capital(method)}${subject}`,
    groupVersionKind: { group: kind.group, kind: kind.kind, version: kind.version },
    parameters,
    consumes: [],
    produces: ['*/*'],
    answer: '',
    created: false,
    accepted: false,
  }));
}
