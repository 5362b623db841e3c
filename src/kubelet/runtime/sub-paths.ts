/** The part of a volume that a container mounts may be named by its variables. Models pkg/kubelet/kubelet_pods.go (makeMounts). */
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { ArgumentsTooLong } from './argument-space.ts';
import { Environment } from './environment.ts';
import type { Surround } from './surround.ts';
import { expandReferences } from './variable-references.ts';

/** Why a mount's path within its volume cannot be; undefined: all can. */
export function subPathFault(around: Surround, container: Container): string | undefined {
  try {
    return fault(around, container);
  } catch (error) {
    // No file system has names of that length.
    if (error instanceof ArgumentsTooLong) return 'failed to prepare subPath for volumeMount: file name too long';
    throw error;
  }
}

function fault(around: Surround, container: Container): string | undefined {
  const mounts = container.volumeMounts ?? [];
  const named = mounts.some((mount) => mount.subPathExpr);
  const variables = named ? new Environment(around, container) : undefined;
  for (const { subPath, subPathExpr } of mounts) {
    const missing = new Set<string>();
    const path = subPathExpr
      ? expandReferences(
          subPathExpr,
          (name) => {
            const value = variables?.get(name) ?? '';
            if (value === '') missing.add(name);
            return value;
          },
          around.space,
        )
      : (subPath ?? '');
    if (missing.size > 0) return `missing value for ${[...missing].sort().join(', ')}`;
    if (path.startsWith('/')) return `error SubPath \`${path}\` must not be an absolute path`;
    if (path.split('/').includes('..')) return `unable to provision SubPath \`${path}\`: must not contain '..'`;
  }
  return undefined;
}
