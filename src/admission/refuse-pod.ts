/** How admission refuses a pod. */
import type { KubeObject } from '../objects/object.ts';
import { forbidden, type StatusError } from '../objects/status.ts';

const PODS = { group: '', resource: 'pods' };

export const refusePod = (pod: KubeObject, words: string): StatusError =>
  forbidden(PODS, pod.metadata.name ?? '', words);
