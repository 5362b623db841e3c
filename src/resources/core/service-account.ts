/** ServiceAccounts. Source: k8s.io/kubernetes/pkg/registry/core/serviceaccount. */

import type { Strategy } from '../../catalog/strategy.ts';
import type { ServiceAccount } from '../../objects/generated/core-v1.gen.ts';

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets';

/** Of the secrets, only their names are kept. */
function nameSecrets({ secrets }: ServiceAccount): void {
  if (secrets) for (const [i, secret] of secrets.entries()) secrets[i] = secret.name ? { name: secret.name } : {};
}

export const serviceaccounts: Strategy<ServiceAccount> = {
  hasGeneration: false,
  prepareForCreate: nameSecrets,
  prepareForUpdate: nameSecrets,
  warnings: (object, old) =>
    object.metadata.annotations?.[MOUNTABLE] !== undefined && old?.metadata.annotations?.[MOUNTABLE] === undefined
      ? [
          `metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        ]
      : [],
};
