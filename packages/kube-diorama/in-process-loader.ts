/** How the rest of a cluster in this process is loaded: here, in a checkout. The package has a twin of this file. */
export const loadInProcess = (): Promise<typeof import('./make-in-process.ts')> => import('./make-in-process.ts');
