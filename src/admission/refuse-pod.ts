/** How admission refuses a pod. */
import type { Pod } from '../objects/generated/core-v1.gen.ts';
import { forbidden, type StatusError } from '../objects/status.ts';

const PODS = { group: '', resource: 'pods' };

export const refusePod = (pod: Pod, words: string): StatusError => forbidden(PODS, pod.metadata.name ?? '', words);
