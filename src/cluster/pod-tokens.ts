/** Who signs the tokens that programs find in volumes of their pods. */
import type { Errands } from '../simulation/errands.ts';
import type { Signatures, SignPodToken } from '../simulation/notary.ts';

/** A pod that finds no key to sign with is woken when there is one. */
export const podTokens = (signatures: Signatures | undefined, errands: Errands): SignPodToken | undefined =>
  signatures &&
  ((claims) => {
    const token = signatures.podToken(claims);
    if (token !== undefined) return token;
    const key = `${claims.namespace}/${claims.pod.name}`;
    errands.ask(`token key for ${key}`, { reconciler: 'kubelet', key }, () => signatures.prepareTokens());
    return undefined;
  });
