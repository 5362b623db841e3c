/** `/v1/simulate`: the scheduler, CNI, kube-proxy and CEL on state sent in the body. Nothing is kept, no cluster is needed. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ProxyInput } from '../../network/kube-proxy/input.ts';
import { iptables } from '../../network/kube-proxy/iptables.ts';
import { nftables } from '../../network/kube-proxy/nftables.ts';
import { explainSchedule, type ScheduleInput } from '../../scheduler/explain.ts';
import { limitedWork } from '../../simulation/work-budget.ts';
import type { PlatformBindings } from '../bindings.ts';
import { simulateCel } from './cel.ts';
import { celAnswer, celRequest } from './cel-schemas.ts';
import { isOfPods, simulateAddresses, simulateCniCall } from './cni.ts';
import { cniBody, cniEitherAnswer } from './cni-schemas.ts';
import { CEL_EXAMPLES, CNI_EXAMPLES, PROXY_EXAMPLES, SCHEDULE_EXAMPLES } from './examples.ts';
import { answering, checkAmount, checkProxy, limitsOf } from './limits.ts';
import { servePolicies } from './policies.ts';
import { simulateRoute } from './route.ts';
import { proxyAnswer, proxyRequest, scheduleAnswer, scheduleRequest } from './schemas.ts';
import { serveTrace } from './trace.ts';

const scheduleRoute = simulateRoute(
  {
    path: '/v1/simulate/schedule',
    operationId: 'simulateSchedule',
    summary: 'Where the scheduler would put a pod, and why',
    answers: 'The node or the refusal, with what each plugin thought of each node.',
    examples: SCHEDULE_EXAMPLES,
  },
  scheduleRequest,
  scheduleAnswer,
);

const cniRoute = simulateRoute(
  {
    path: '/v1/simulate/cni',
    operationId: 'simulateCni',
    summary: 'A call of CNI as a container runtime makes it, or the addresses that pods would get',
    answers: 'What the call printed and left behind, or the addresses and what is reserved on each node afterwards.',
    examples: CNI_EXAMPLES,
  },
  cniBody,
  cniEitherAnswer,
);

const proxyRoute = simulateRoute(
  {
    path: '/v1/simulate/kube-proxy',
    operationId: 'simulateKubeProxy',
    summary: 'The rules that kube-proxy would write on a node',
    answers: 'The rules.',
    examples: PROXY_EXAMPLES,
  },
  proxyRequest,
  proxyAnswer,
);

const celRoute = simulateRoute(
  {
    path: '/v1/simulate/cel',
    operationId: 'simulateCel',
    summary: 'What a CEL expression comes to, and what it costs',
    answers: 'The value or what is wrong, the type, and the estimated and the spent cost.',
    examples: CEL_EXAMPLES,
  },
  celRequest,
  celAnswer,
);

const SCHEDULE_WORK = "The pod's rules, times the nodes and the pods on them,";
const CNI_WORK = 'The plugins, times the files and rules that they look through,';
const CEL_WORK = 'The expression, with its values,';
const PROXY_WORK = "The services' ports, times their addresses and endpoints,";

export function serveSimulate(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(scheduleRoute, async (c) => {
    const limits = await limitsOf(c);
    const { pod, nodes, pods, objects, seed } = c.req.valid('json');
    const input = { pod, nodes, pods, objects, seed } as ScheduleInput;
    const work = limitedWork(limits.scheduleSteps);
    return c.json(
      answering(limits, SCHEDULE_WORK, () => explainSchedule({ ...input, work })),
      200,
    );
  });

  app.openapi(cniRoute, async (c) => {
    const limits = await limitsOf(c);
    const request = c.req.valid('json');
    if (!isOfPods(request)) {
      const work = limitedWork(limits.cniSteps);
      return c.json(
        answering(limits, CNI_WORK, () => simulateCniCall(request, work)),
        200,
      );
    }
    const reserved = request.nodes.reduce((total, node) => total + node.reserved.length, 0);
    checkAmount(limits, 'reservedAddresses', reserved, 'reserved addresses');
    return c.json(simulateAddresses(request), 200);
  });

  app.openapi(proxyRoute, async (c) => {
    const limits = await limitsOf(c);
    const input = c.req.valid('json') as ProxyInput;
    checkProxy(limits, input);
    const work = limitedWork(limits.proxySteps);
    const output = answering(limits, PROXY_WORK, () =>
      input.mode === 'nftables' ? nftables(input, work) : iptables(input, work),
    );
    return c.json({ output }, 200);
  });

  app.openapi(celRoute, async (c) => {
    const limits = await limitsOf(c);
    const request = c.req.valid('json');
    return c.json(
      answering(limits, CEL_WORK, () => simulateCel(request, limits.celCost)),
      200,
    );
  });

  serveTrace(app);
  servePolicies(app);
}
