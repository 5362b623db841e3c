/** A Secret whose token is used says when that was last. Models pkg/serviceaccount/legacy.go. */
import { storageKey } from '../../catalog/kinds.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';
import { builtIn } from '../../resources/built-in.ts';
import { trackUpdate } from '../apply/track.ts';
import type { Storage } from '../storage/storage.ts';
import { storedText } from '../storage/stored.ts';
import type { Proof } from './service-account-token.ts';

const SECRETS = builtIn('secrets');
const LAST_USED = 'kubernetes.io/legacy-token-last-used';

/** Writes at most once a day and never over another's write. `now`: milliseconds. */
export async function noteUse({ namespace, secret }: Proof, view: View, now: number, storage: Storage): Promise<void> {
  const found = view.get('secrets', namespace, secret!.name);
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const last = found?.metadata.labels?.[LAST_USED];
  if (!found || last === day(now) || last === day(now + 24 * 3600_000)) return;
  const { resourceVersion, ...metadata } = found.metadata;
  const object: KubeObject = {
    ...found,
    metadata: { ...metadata, labels: { ...metadata.labels, [LAST_USED]: day(now) } },
  };
  trackUpdate({ kind: SECRETS, object, old: found, manager: 'kube-apiserver', subresource: '', now: timestamp(now) });
  const key = storageKey(SECRETS, namespace, found.metadata.name);
  const unchanged = { key, target: 'MOD', result: 'EQUAL', value: Number(resourceVersion) } as const;
  const steps = [[{ put: { key, value: storedText(object) } }]];
  const outcome = await storage.propose({ ranges: [], compare: [unchanged], steps });
  if ('again' in outcome) await storage.release(outcome.turn);
}
