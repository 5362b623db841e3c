/** A client of etcd's JSON gateway that keeps its connections, and tells answers from silence. */
import type { Sandbox } from '../clients/sandbox.ts';
import type { Input, Output } from './linearizability.ts';

export interface Target {
  sandbox: Sandbox;
  cluster: { id: string; token: string };
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const textOf = (encoded: string): string => Buffer.from(encoded, 'base64').toString();

export const gatewayUrl = ({ sandbox, cluster }: Target, path: string): string =>
  `${sandbox.server.url}/clusters/${cluster.id}/etcd/v3/${path}`;

/** Undefined: the connection broke, so nobody knows whether it took effect. Everything but 200 is thrown. */
export async function call(target: Target, path: string, body: unknown): Promise<any | undefined> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(gatewayUrl(target, path), {
      method: 'POST',
      headers: { authorization: `Bearer ${target.cluster.token}` },
      body: JSON.stringify(body),
    });
    text = await response.text();
  } catch {
    return undefined;
  }
  if (response.status !== 200) throw new Error(`${path} ${JSON.stringify(body)} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** One operation on one key; `revision` is that of the answer's header. */
export async function operate(
  target: Target,
  name: string,
  input: Input,
): Promise<{ output: Output; revision: number } | undefined> {
  const key = base64(name);
  const revisionOf = (answer: any) => Number(answer.header.revision);
  switch (input.type) {
    case 'put': {
      const answer = await call(target, 'kv/put', { key, value: base64(input.value) });
      return answer && { output: {}, revision: revisionOf(answer) };
    }
    case 'get': {
      const answer = await call(target, 'kv/range', { key });
      if (!answer) return undefined;
      const value = answer.kvs?.[0]?.value;
      return { output: { value: value === undefined ? undefined : textOf(value) }, revision: revisionOf(answer) };
    }
    case 'delete': {
      const answer = await call(target, 'kv/deleterange', { key });
      return answer && { output: { deleted: Number(answer.deleted ?? 0) }, revision: revisionOf(answer) };
    }
    case 'compareAndPut': {
      const guard =
        input.expected === undefined
          ? { target: 'VERSION', version: '0' }
          : { target: 'VALUE', value: base64(input.expected) };
      const answer = await call(target, 'kv/txn', {
        compare: [{ key, result: 'EQUAL', ...guard }],
        success: [{ request_put: { key, value: base64(input.value) } }],
      });
      return answer && { output: { succeeded: answer.succeeded === true }, revision: revisionOf(answer) };
    }
    default:
      input satisfies never;
      throw new TypeError(String(input));
  }
}
