/** The files beside the code are where wrangler.toml says. */
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { proseOf } from './assets.ts';
import type { Env } from './env.ts';

it('reads what documents the types once', async () => {
  const { ASSETS } = env as unknown as Env;
  let asked = 0;
  const counted = {
    fetch: (url: string) => {
      asked++;
      return ASSETS.fetch(url);
    },
  };
  const missing = { fetch: async () => new Response(null, { status: 404 }) };
  await expect(proseOf(missing)()).rejects.toThrow('assets/prose.json: 404');
  const { types, parameters } = await proseOf(counted)();
  expect(types['io.k8s.api.core.v1.Pod']?.['']).toContain('Pod');
  expect(parameters.dryRun).not.toBe('');
  await proseOf(counted)();
  expect(asked).toBe(1);
});
