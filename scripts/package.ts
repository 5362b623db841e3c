/** `npm run build:package`: the npm package in dist/package, and its tarball beside it, ready to be published. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from '../packages/kube-diorama/build.ts';
import { ROOT } from './local/bundle.ts';

const tarball = await buildPackage(join(ROOT, 'dist'));
console.log(`${tarball}: ${(statSync(tarball).size / 1e6).toFixed(2)} MB`);
