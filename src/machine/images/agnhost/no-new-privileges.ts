/** agnhost nonewprivs, and the image that has it as a program that runs as root whoever starts it. */
import type { Program } from '../../program.ts';
import { alpineFiles } from '../base-files.ts';
import { type ImageFamily, image } from '../image-family.ts';

export const effectiveUser: Program = function* (process) {
  yield* process.write(1, `Effective uid: ${process.user.uid}\n`);
  return 0;
};

const NAMES = ['registry.k8s.io/e2e-test-images/nonewprivs', 'gcr.io/kubernetes-e2e-test-images/nonewprivs'];

export const noNewPrivileges: ImageFamily = {
  names: NAMES,
  imageOf: () =>
    image(
      NAMES,
      { entrypoint: ['/nnp'] },
      { ...alpineFiles('3.18.0'), '/nnp': { program: effectiveUser, mode: 0o4755 } },
      7,
    ),
};
