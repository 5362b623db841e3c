import type { Pod } from '../../objects/generated/core-v1.gen.ts';

/** A pod as messages of the kubelet print it: `name_namespace(uid)`. */
export const podText = ({ metadata: { name, namespace, uid } }: Pod): string => `${name}_${namespace}(${uid})`;
