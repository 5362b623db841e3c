import { MAX_NODE_SCORE, type Plugin } from '../plugin.ts';

const MB = 1024 * 1024;
export const MIN_THRESHOLD = 23 * MB;
export const MAX_CONTAINER_THRESHOLD = 1000 * MB;

const withTag = (name: string): string => (name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name);

/** Prefers nodes that have the pod's images already, the more so the bigger and the more spread the images are. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  weight: 1,
  score({ pod, snapshot }, { node }) {
    if (!node.status?.images?.length) return 0;
    const spec = pod.pod.spec ?? {};
    const images: string[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map((c) => c.image ?? '');
    for (const volume of spec.volumes ?? []) if (volume.image) images.push(volume.image.reference ?? '');
    const present = new Map<string, number>();
    for (const image of node.status.images)
      for (const name of image.names ?? []) present.set(name, image.sizeBytes ?? 0);
    let sum = 0;
    for (const image of images) {
      const size = present.get(withTag(image));
      const spread = (snapshot.image(withTag(image))?.nodes ?? 0) / snapshot.nodes.length;
      if (size !== undefined) sum += Math.trunc(size * spread);
    }
    const most = MAX_CONTAINER_THRESHOLD * images.length;
    const clamped = Math.max(MIN_THRESHOLD, Math.min(most, sum));
    return Math.trunc((MAX_NODE_SCORE * (clamped - MIN_THRESHOLD)) / (most - MIN_THRESHOLD));
  },
};
