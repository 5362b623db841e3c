/** Images over agnhost that serve a file saying which picture they have. */
import type { ImageFile } from '../../image.ts';
import { type ImageFamily, image, textFile } from '../image-family.ts';
import { agnhost } from './agnhost.ts';

const picture = (name: string): ImageFamily => {
  const names = [`registry.k8s.io/e2e-test-images/${name}`, `gcr.io/kubernetes-e2e-test-images/${name}`];
  return {
    names,
    imageOf() {
      const base = agnhost.imageOf('latest', agnhost.names[0]!);
      const files: Record<string, ImageFile> = {
        ...base.files,
        [`/${name}.jpg`]: textFile('\u00ff\u00d8\u00ff\u00e0'),
        '/data.json': textFile(`{\n"image": "${name}.jpg"\n}\n`),
      };
      return image(names, { ...base.config, cmd: ['test-webserver'] }, files, base.size / 1_000_000);
    },
  };
};

export const pictures: readonly ImageFamily[] = ['kitten', 'nautilus'].map(picture);
