import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { POLICIES_EXAMPLES } from './examples.ts';
import { ANONYMOUS_LIMITS } from './limits.ts';
import { servePolicies } from './policies.ts';
import { MAX_MATRIX_PORTS } from './policies-schemas.ts';
import { poster } from './test-app.ts';

const ask = poster<LooseObject>(servePolicies, '/v1/simulate/policies');

describe('POST /v1/simulate/policies', () => {
  it('answers a matrix with a reason for each cell', async () => {
    const { status, body } = await ask(POLICIES_EXAMPLES.web);
    expect(status).toBe(200);
    const [web, monitor] = body.rows;
    expect(body.pods).toEqual(['shop/web', 'ops/monitor']);
    expect([web.to, web.protocol, web.port]).toEqual(['shop/web', 'TCP', 80]);
    expect(body.verdicts[web.from[1]]).toMatchObject({
      allowed: true,
      reason: 'egress: allowed, no policy selects the pod; ingress: allowed by rule 1 of shop/from-ops',
    });
    expect(body.verdicts[monitor.from[0]].allowed).toBe(true);
  });

  it('is asked for so many ports', async () => {
    const ports = (count: number) => Array.from({ length: count }, (_, i) => ({ port: i + 1 }));
    const { body } = await ask({ ...POLICIES_EXAMPLES.web, ports: ports(MAX_MATRIX_PORTS) });
    expect(body.rows).toHaveLength(2 * MAX_MATRIX_PORTS);
    expect((await ask({ ...POLICIES_EXAMPLES.web, ports: ports(MAX_MATRIX_PORTS + 1) })).status).toBe(422);
  });

  it('does so much for anybody', async () => {
    const pods = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ metadata: { name: `p${i}`, namespace: 'a' } }));
    const fits = Math.floor(Math.sqrt(ANONYMOUS_LIMITS.policySteps));
    const { status, body } = await ask({ pods: pods(fits + 1), policies: [] });
    expect([status, body.detail]).toEqual([
      422,
      "The pods, times the pods' ports and the policies' rules, make more work than is done: over 1000000 steps. With the token of a cluster it may be more.",
    ]);
    expect((await ask({ pods: pods(fits), policies: [] })).status).toBe(200);
  });

  it('says that an object has another shape', async () => {
    const odd = [{ metadata: { name: 'p' }, spec: { ingress: 7, podSelector: 'all' } }];
    expect((await ask({ pods: [{ metadata: { name: 'p' } }], policies: odd })).status).toBe(422);
  });
});
