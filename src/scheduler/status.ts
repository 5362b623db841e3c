/** What a plugin says of a pod on a node. Source: k8s.io/kube-scheduler/framework. */

/**
 * `Unschedulable`: removing pods might help. `UnschedulableAndUnresolvable`: it would not.
 * `Error`: the attempt itself failed.
 */
type Code = 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Error';

export interface Status {
  code: Code;
  reasons: string[];
  /** The plugin that said so; the framework fills it in. */
  plugin: string;
}

export const unschedulable = (...reasons: string[]): Status => ({ code: 'Unschedulable', reasons, plugin: '' });

export const unresolvable = (...reasons: string[]): Status => ({
  code: 'UnschedulableAndUnresolvable',
  reasons,
  plugin: '',
});
