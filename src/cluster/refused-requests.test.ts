import { exports } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { heldBytes } from '../simulation/held-bytes.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';

it('hold nothing of what was read to refuse them', async () => {
  const { id, token } = await (await worker.fetch(`${ORIGIN}/v1/clusters`, { method: 'POST' })).json<{
    id: string;
    token: string;
  }>();
  const url = `${ORIGIN}/clusters/${id}/api/v1/namespaces/default/configmaps`;
  const asked: Record<string, string>[] = [{}, { authorization: `Bearer ${token}`, 'impersonate-user': 'somebody' }];
  for (const headers of asked) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => worker.fetch(url, { headers })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    for (const answer of answers) await answer.text();
    expect(heldBytes.of(id)).toBe(0);
    // They were counted as those of whoever was refused.
    const [uid] = [...new Set(answers.map(({ headers: told }) => told.get('x-kubernetes-pf-flowschema-uid')))];
    expect(uid).toBe(await flowSchema(id, token, 'global-default'));
  }
});

async function flowSchema(id: string, token: string, name: string): Promise<string> {
  const path = `/clusters/${id}/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/${name}`;
  const answer = await worker.fetch(`${ORIGIN}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.json<{ metadata: { uid: string } }>()).metadata.uid;
}
