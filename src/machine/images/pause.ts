import { type ImageFamily, image } from './image-family.ts';
import { stay } from './unknown.ts';

const NAMES = [
  'registry.k8s.io/pause',
  'k8s.gcr.io/pause',
  'gcr.io/google_containers/pause',
  'gcr.io/google-containers/pause',
  'docker.io/kubernetes/pause',
  'registry.k8s.io/pause-amd64',
  'docker.io/rancher/mirrored-pause',
];

/** It holds namespaces, and has nothing but itself. */
export const pause: ImageFamily = {
  names: NAMES,
  imageOf: () => image(NAMES, { entrypoint: ['/pause'] }, { '/pause': { program: stay } }, 0.74),
};
