import type { Plugin } from '../plugin.ts';
import { unresolvable } from '../status.ts';

/** A pod that names its node fits no other. */
export const nodeName: Plugin = {
  name: 'NodeName',
  preFilter: ({ pod }) => (pod.pod.spec?.nodeName ? undefined : { skip: true }),
  filter({ pod }, node) {
    const wanted = pod.pod.spec?.nodeName;
    return wanted && wanted !== node.name ? unresolvable("node(s) didn't match the requested node name") : undefined;
  },
};
