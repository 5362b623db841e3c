/** The twin of in-process-loader.ts in the built package: one file, for `import` and `require` alike. */
import { createRequire } from 'node:module';

export const loadInProcess = async (): Promise<typeof import('./make-in-process.ts')> =>
  createRequire(import.meta.url)('./make-in-process.cjs');
