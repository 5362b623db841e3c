/** A plain WebSocket client follows 1,000 changes, in both framings, while the server is killed and comes back. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
}, 180_000);
afterAll(() => sandbox?.close());

const CHANGES = 1000;
const KILL_AT = [250, 700];

/** Watches config maps until told to stop, opening the socket again from the last version seen. */
function follow(cluster: { id: string; token: string }, from: string, binary: boolean) {
  const seen: { name: string; version: number }[] = [];
  let over = false;
  let socket: WebSocket | undefined;
  let version = from;
  const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from(cluster.token).toString('base64url')}`;
  const open = (): void => {
    if (over) return;
    const url = `${sandbox.server.url.replace('http', 'ws')}/clusters/${cluster.id}/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=${version}`;
    const mine = new WebSocket(url, binary ? [bearer, 'binary.k8s.io'] : [bearer, 'text.k8s.io']);
    socket = mine;
    mine.binaryType = 'arraybuffer';
    mine.onmessage = ({ data }) => {
      expect(typeof data === 'string').toBe(!binary);
      const text = typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer);
      const { type, object } = JSON.parse(text);
      if (type === 'ERROR') throw new Error(text);
      version = object.metadata.resourceVersion;
      seen.push({ name: object.metadata.name, version: Number(version) });
    };
    mine.onclose = () => setTimeout(open, 50);
    mine.onerror = () => {};
  };
  open();
  return {
    seen,
    stop: () => {
      over = true;
      socket?.close();
    },
  };
}

it.each([
  ['text', false],
  ['binary', true],
])(
  '%s frames: nothing lost, repeated or out of order',
  async (_name, binary) => {
    const cluster = await sandbox.createCluster({ nodes: 0, profile: 'api' });
    const base = () => `${sandbox.server.url}/clusters/${cluster.id}/api/v1/namespaces/default/configmaps`;
    const headers = { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' };
    const start = ((await (await fetch(base(), { headers })).json()) as any).metadata.resourceVersion;
    const watch = follow(cluster, start, binary);
    const acknowledged: string[] = [];
    for (let i = 0; i < CHANGES; i++) {
      if (KILL_AT.includes(i)) {
        await sandbox.server.kill();
        await sandbox.restart();
      }
      const made = await fetch(base(), {
        method: 'POST',
        headers,
        body: JSON.stringify({ metadata: { name: `c${i}` } }),
      });
      expect(made.status).toBe(201);
      acknowledged.push(`c${i}`);
    }
    for (let waited = 0; watch.seen.filter((s) => s.name.startsWith('c')).length < CHANGES && waited < 600; waited++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    watch.stop();
    const mine = watch.seen.filter((s) => /^c\d+$/.test(s.name));
    expect(mine.map((s) => s.name)).toEqual(acknowledged);
    expect(mine.every((s, i) => i === 0 || s.version > mine[i - 1]!.version)).toBe(true);
  },
  240_000,
);
