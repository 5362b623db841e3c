/** What was acknowledged before a crash is there after it: the server is killed in the middle of concurrent writes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSandbox, type Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
}, 180_000);
afterAll(() => sandbox?.close());

const ROUNDS = 5;
const WRITERS = 8;
/** How long the writers write before the kill. */
const ROUND_MS = 150;

it('keeps every acknowledged write', async () => {
  const { id, token } = await sandbox.createCluster({ nodes: 0, profile: 'api' });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const collection = () => `${sandbox.server.url}/clusters/${id}/api/v1/namespaces/default/configmaps`;
  /** The value that was acknowledged last, and one that was sent and not answered. */
  const written = new Map<string, { acknowledged?: string; sent: string }>();

  async function write(name: string, value: string): Promise<boolean> {
    const first = written.get(name)?.acknowledged === undefined;
    const entry = { ...written.get(name), sent: value };
    written.set(name, entry);
    const answer = await fetch(first ? collection() : `${collection()}/${name}`, {
      method: first ? 'POST' : 'PUT',
      headers,
      body: JSON.stringify({ metadata: { name }, data: { value } }),
    }).catch(() => undefined);
    if (!answer?.ok) return false;
    written.set(name, { acknowledged: value, sent: value });
    return true;
  }

  for (let round = 0; round < ROUNDS; round++) {
    let killed = false;
    const writers = Array.from({ length: WRITERS }, async (_, w) => {
      for (let i = 0; !killed; i++) if (!(await write(`w${w}-${round}-${i % 3}`, `${i}`))) break;
    });
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    killed = true;
    await sandbox.server.kill();
    await Promise.all(writers);
    await sandbox.restart();
    const list = (await (await fetch(collection(), { headers })).json()) as any;
    const stored = new Map<string, string>(list.items.map((o: any) => [o.metadata.name, o.data?.value]));
    for (const [name, { acknowledged, sent }] of written) {
      const value = stored.get(name);
      expect([acknowledged, sent], `${name} after round ${round}`).toContain(value);
      if (value !== undefined) written.set(name, { acknowledged: value, sent: value });
    }
  }
  expect(written.size).toBeGreaterThan(WRITERS);
}, 120_000);
