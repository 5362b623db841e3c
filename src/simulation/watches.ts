/** Which change concerns which of the reconcilers' keys. */
import { DeclaredReader } from './declared-reader.ts';
import type { Change } from './object-index.ts';
import type { Reader, Reconciler } from './reconciler.ts';
import type { Work } from './work.ts';

type Watch<Object> = {
  reconciler: string;
  reads: readonly string[];
  keys: Reconciler<Object>['watches'][number]['keys'];
};

export class Watches<Object> {
  /** By resource. */
  private readonly watches = new Map<string, Watch<Object>[]>();
  private readonly failed: (work: Work, error: unknown) => void;
  private readonly undeclared: ((object: Object) => Object) | undefined;

  /** `failed` is told of what a watch could make nothing of. `undeclared`: see `PumpPorts`. */
  constructor(
    reconcilers: readonly Reconciler<Object>[],
    told: { failed(work: Work, error: unknown): void; undeclared?: ((object: Object) => Object) | undefined },
  ) {
    this.failed = told.failed;
    this.undeclared = told.undeclared;
    for (const reconciler of reconcilers) {
      for (const watch of reconciler.watches) {
        const list = this.watches.get(watch.resource) ?? [];
        list.push({ reconciler: reconciler.name, reads: reconciler.reads, keys: watch.keys });
        this.watches.set(watch.resource, list);
      }
    }
  }

  *concernedBy(change: Change<Object>, reader: Reader<Object>): Iterable<Work> {
    if (!change.old && !change.new) return;
    const { resource, namespace, name, revision } = change;
    const woken = { resource, namespace, name, revision };
    for (const watches of [this.watches.get(resource), this.watches.get('*')])
      for (const watch of watches ?? [])
        for (const key of this.keysOf(watch, change, reader)) yield { reconciler: watch.reconciler, key, woken };
  }

  /** An object that is not what its kind should be concerns nobody, and must not keep the others from their work. */
  private keysOf(watch: Watch<Object>, change: Change<Object>, reader: Reader<Object>): string[] {
    try {
      if (!this.undeclared) return watch.keys(change, reader);
      const declared = new DeclaredReader(reader, watch.reads, this.undeclared);
      const { resource } = change;
      const seen = (object: Object | undefined) => object && declared.seen(resource, object);
      return watch.keys({ ...change, ...defined({ old: seen(change.old), new: seen(change.new) }) }, declared);
    } catch (error) {
      this.failed({ reconciler: watch.reconciler, key: change.name }, error);
      return [];
    }
  }
}

/** Without what is not there. */
const defined = <Object>({ old, new: object }: { old: Object | undefined; new: Object | undefined }) => ({
  ...(old ? { old } : {}),
  ...(object ? { new: object } : {}),
});
