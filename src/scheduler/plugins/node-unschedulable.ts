import type { Plugin } from '../plugin.ts';
import { unresolvable } from '../status.ts';
import { toleratesTaint } from './taint-toleration.ts';

const CORDONED = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Keeps pods off cordoned nodes, unless they tolerate that. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter({ pod }, { node }) {
    if (!node.spec?.unschedulable || toleratesTaint(pod.pod, CORDONED)) return undefined;
    return unresolvable('node(s) were unschedulable');
  },
};
