/** The rules that kube-proxy has on a node. */
import { iptables } from '../network/kube-proxy/iptables.ts';
import { nodeProxyInput } from '../network/kube-proxy/node-input.ts';
import type { View } from '../objects/object.ts';
import type { WorkBudget } from '../simulation/work-budget.ts';
import type { SimulationSpec } from './simulation-spec.ts';

/** What `iptables-save` prints, nothing where no kube-proxy runs; undefined when there is no such node. Throws what `work` does. */
export function iptablesSave(
  reader: View,
  node: string,
  { components, podCIDR, serviceCIDR }: SimulationSpec,
  work: WorkBudget,
): string | undefined {
  const input = nodeProxyInput(reader, node, { podCIDR, serviceCIDR });
  if (!input) return undefined;
  // Nobody else writes any.
  if (!components.kubeProxy) return '';
  const { nat, filter } = iptables(input, work);
  return `${filter.trimEnd()}\n${nat.trimEnd()}\n`;
}
