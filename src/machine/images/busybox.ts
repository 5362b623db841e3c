import type { Image, ImageConfig } from '../image.ts';
import { busyboxFiles } from './base-files.ts';
import { type ImageFamily, image } from './image-family.ts';

const NAMES = [
  'docker.io/library/busybox',
  'registry.k8s.io/e2e-test-images/busybox',
  'k8s.gcr.io/busybox',
  'gcr.io/google-containers/busybox',
  'mirror.gcr.io/library/busybox',
  'public.ecr.aws/docker/library/busybox',
  'quay.io/prometheus/busybox',
];

/** BusyBox with another entrypoint or command. */
export const busyboxWith = (names: readonly string[], config: ImageConfig): Image =>
  image(names, config, busyboxFiles(), 4.4);

export const busybox: ImageFamily = { names: NAMES, imageOf: () => busyboxWith(NAMES, { cmd: ['sh'] }) };
