/** `/v1/simulate/trace`: a packet through the rules of one node. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ProxyInput } from '../../network/kube-proxy/input.ts';
import type { Outcome } from '../../network/packet/chance.ts';
import { BadAddress } from '../../network/packet/flow.ts';
import { packetText } from '../../network/packet/packet.ts';
import type { Passage } from '../../network/packet/pass-host.ts';
import { RuleTextError } from '../../network/packet/rule-text-error.ts';
import { EndlessChains } from '../../network/packet/run-chain.ts';
import { type GivenRules, simulateFlow } from '../../network/packet/simulate-flow.ts';
import { toldRule } from '../../network/packet/walk.ts';
import { limitedWork } from '../../simulation/work-budget.ts';
import type { PlatformBindings } from '../bindings.ts';
import { ProblemError } from '../http/problem.ts';
import type { z } from '../zod.ts';
import { TRACE_EXAMPLES } from './examples.ts';
import { answering, checkProxy, limitsOf } from './limits.ts';
import { simulateRoute } from './route.ts';
import { MAX_EXPLAINED_OUTCOMES, traceAnswer, traceRequest } from './trace-schemas.ts';

const traceRoute = simulateRoute(
  {
    path: '/v1/simulate/trace',
    operationId: 'simulateTrace',
    summary: "What a node's rules do to a packet",
    answers: 'What becomes of the packet, whatever chance decides.',
    examples: TRACE_EXAMPLES,
  },
  traceRequest,
  traceAnswer,
);

const TRACE_WORK = 'The rules that the packet meets, for each way that chance can go,';

type Request = z.output<typeof traceRequest>;
type Answer = z.input<typeof traceAnswer>;

const problemAt = (pointer: string, detail: string): ProblemError =>
  new ProblemError(422, `${pointer}: ${detail}`, [{ pointer, detail }]);

/** What is wrong with the packet or the rules, as a problem of the body. */
function asked<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RuleTextError || error instanceof EndlessChains) throw problemAt('/rules', error.message);
    if (error instanceof BadAddress) throw problemAt('/packet', error.message);
    throw error;
  }
}

function outcomeOf({ probability, value }: Outcome<Passage>): NonNullable<Answer['outcomes']>[number] {
  const { verdict, rejectWith, packet, scanned, met } = value;
  const rules = met.map(toldRule);
  return { probability, verdict, ...(rejectWith ? { rejectWith } : {}), packet: packetText(packet), scanned, rules };
}

export function serveTrace(app: OpenAPIHono<{ Bindings: PlatformBindings }>): void {
  app.openapi(traceRoute, async (c) => {
    const limits = await limitsOf(c);
    const { packet, rules, explain, ...body }: Request = c.req.valid('json');
    const input = body.input as ProxyInput;
    checkProxy(limits, input);
    const { flow, outcomes } = answering(limits, TRACE_WORK, () =>
      asked(() =>
        simulateFlow(
          { input, packet, ...(rules === undefined ? {} : { rules: rules as GivenRules }) },
          { writing: limitedWork(limits.proxySteps), walking: limitedWork(limits.traceSteps) },
          explain,
        ),
      ),
    );
    const explained = explain ? { outcomes: outcomes.slice(0, MAX_EXPLAINED_OUTCOMES).map(outcomeOf) } : {};
    return c.json({ ...flow, ...explained }, 200);
  });
}
