import type { Image, ImageConfig } from '../image.ts';
import { ash137 } from '../shell/main.ts';
import { busyboxFiles } from './base-files.ts';
import { type ImageFamily, image, versionOf } from './image-family.ts';

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

/** Since when its shell hands on variables that it could not have itself. */
const HANDS_ON_SINCE = 37;

export const busybox: ImageFamily = {
  names: NAMES,
  imageOf(tag) {
    const made = busyboxWith(NAMES, { cmd: ['sh'] });
    const minor = Number(versionOf(tag, '1.37').split('.')[1] ?? HANDS_ON_SINCE);
    if (minor < HANDS_ON_SINCE) return made;
    const shell = { program: ash137 };
    return { ...made, files: { ...made.files, '/bin/sh': shell, '/bin/ash': shell } };
  },
};
