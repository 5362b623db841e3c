/** How much `/v1/simulate` does: more for those who have a cluster than for anybody. */
import type { Context } from 'hono';
import { proxyAmount } from '../../network/kube-proxy/amount.ts';
import type { ProxyInput } from '../../network/kube-proxy/input.ts';
import { WorkExceeded } from '../../simulation/work-budget.ts';
import type { PlatformBindings } from '../bindings.ts';
import { hasClusterToken } from '../directory/access.ts';
import { ProblemError } from '../http/problem.ts';

export interface SimulateLimits {
  /** Steps of the scheduler: plugins, times nodes, times what each of them compares. */
  scheduleSteps: number;
  /** Steps of kube-proxy: characters of rules, and what it takes to come to them. */
  proxySteps: number;
  /** Ports times endpoints, each of which is two to five rules. */
  proxyEndpoints: number;
  /** Ports times addresses of services. */
  proxyServicePorts: number;
  /** Addresses of the node times ranges for node ports. */
  proxyNodeAddresses: number;
  /** Rules that packets meet, whatever chance decides. */
  traceSteps: number;
  /** Pods times pods' ports, and times the rules of policies. */
  policySteps: number;
  /** Addresses that nodes have given out already. */
  reservedAddresses: number;
  /** Steps of CNI plugins: files, rules and addresses that they look at. */
  cniSteps: number;
  /** What the evaluation of an expression may cost, as Kubernetes counts; there it is a million. */
  celCost: number;
}

export const ANONYMOUS_LIMITS: SimulateLimits = {
  scheduleSteps: 10_000_000,
  proxySteps: 2_500_000,
  proxyEndpoints: 2_500,
  proxyServicePorts: 5_000,
  proxyNodeAddresses: 10_000,
  traceSteps: 2_500_000,
  policySteps: 1_000_000,
  reservedAddresses: 20_000,
  cniSteps: 500_000,
  celCost: 250_000,
};

export const TOKEN_LIMITS: SimulateLimits = {
  scheduleSteps: 100_000_000,
  proxySteps: 25_000_000,
  proxyEndpoints: 25_000,
  proxyServicePorts: 50_000,
  proxyNodeAddresses: 50_000,
  traceSteps: 25_000_000,
  policySteps: 10_000_000,
  reservedAddresses: 100_000,
  cniSteps: 5_000_000,
  celCost: 1_000_000,
};

/** Whether the request has the token of a cluster. Throws 401 for a token that opens nothing. */
export const isOpened = async (c: Context<{ Bindings: PlatformBindings }>): Promise<boolean> =>
  c.env?.OPENED ?? (await hasClusterToken(() => c.env.DB, c.req.raw, Date.now()));

/** Throws as `isOpened`. */
export const limitsOf = async (c: Context<{ Bindings: PlatformBindings }>): Promise<SimulateLimits> =>
  (await isOpened(c)) ? TOKEN_LIMITS : ANONYMOUS_LIMITS;

const more = (limits: SimulateLimits): string =>
  limits === ANONYMOUS_LIMITS ? ' With the token of a cluster it may be more.' : '';

export function checkAmount(limits: SimulateLimits, limit: keyof SimulateLimits, amount: number, what: string): void {
  if (amount > limits[limit])
    throw new ProblemError(422, `The body makes ${amount} ${what}; at most ${limits[limit]} are done.${more(limits)}`);
}

export function checkProxy(limits: SimulateLimits, input: ProxyInput): void {
  const { endpoints, servicePorts, nodeAddresses } = proxyAmount(input);
  checkAmount(limits, 'proxyEndpoints', endpoints, 'pairs of a port and an endpoint or a hint of it');
  checkAmount(limits, 'proxyServicePorts', servicePorts, "pairs of a service's port and an address or range of it");
  checkAmount(
    limits,
    'proxyNodeAddresses',
    nodeAddresses,
    'pairs of an address of the node and a range for node ports',
  );
}

/** Deep inside an object anything may be of the wrong type; what then fails is the request, not the server. */
export function answering<T>(limits: SimulateLimits, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (error instanceof WorkExceeded)
      throw new ProblemError(422, `${what} make more work than is done: over ${error.limit} steps.${more(limits)}`);
    throw new ProblemError(
      422,
      `An object in the body has not the shape that its kind has: ${(error as Error).message}`,
    );
  }
}
