/** What an API server makes sure of when it starts on a store that another one kept. */
import { bootstrapWrites } from '../controllers/control-plane/bootstrap-objects.ts';
import type { Store } from '../etcd/store.ts';
import type { KubeObject, View } from '../objects/object.ts';
import type { Writer } from '../simulation/pump-ports.ts';
import { createRandom } from '../simulation/random.ts';
import type { Write } from '../simulation/reconciler.ts';
import type { Work } from '../simulation/work.ts';

interface Parts {
  store: Store;
  reader: View;
  apply(write: Write<KubeObject>, writer: Writer): KubeObject | undefined;
  now: number;
}

/** `base`: the default objects' texts by their keys. `failed` is told of what is refused, which is left out. */
export function bootstrap(
  { spec, failed }: { spec: { seed: string }; failed?: (work: Work, error: unknown) => void },
  base: ReadonlyMap<string, string>,
  { store, reader, apply, now }: Parts,
): void {
  const random = createRandom(spec.seed, `bootstrap/${store.revision}`);
  const defaults = [...base.values()].map((text) => JSON.parse(text) as KubeObject);
  const writer = { name: 'bootstrap', key: '', manager: 'kube-apiserver', now, random };
  for (const write of bootstrapWrites(reader, defaults))
    try {
      apply(write, writer);
    } catch (error) {
      const key = write.verb === 'delete' ? write.name : write.object.metadata.name;
      failed?.({ reconciler: 'bootstrap', key }, error);
    }
}
