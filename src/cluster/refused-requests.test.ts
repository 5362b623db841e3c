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
  }
});
