import { expect, it } from 'vitest';
import { platformApp } from './app.ts';

it('answers a body whose lengths are no numbers as a wrong one', async () => {
  for (const length of ['{"toString":1,"valueOf":1}', '{}', '[]', '"1"', 'null', '-1']) {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"nodes":[{"name":{"length":${length}},"podCIDR":"10.0.0.0/24"}],"pods":[]}`,
    };
    const response = await platformApp.request('/v1/simulate/cni', init, {});
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  }
});
