/** Which change concerns which of the reconcilers' keys. */
import type { Change } from './object-index.ts';
import type { Reader, Reconciler } from './reconciler.ts';
import type { Work } from './work-queue.ts';

type Watch<Object> = { reconciler: string; keys: Reconciler<Object>['watches'][number]['keys'] };

export class Watches<Object> {
  /** By resource. */
  private readonly watches = new Map<string, Watch<Object>[]>();
  private readonly failed: (work: Work, error: unknown) => void;

  /** `failed` is told of what a watch could make nothing of. */
  constructor(reconcilers: readonly Reconciler<Object>[], failed: (work: Work, error: unknown) => void) {
    this.failed = failed;
    for (const reconciler of reconcilers) {
      for (const watch of reconciler.watches) {
        const list = this.watches.get(watch.resource) ?? [];
        list.push({ reconciler: reconciler.name, keys: watch.keys });
        this.watches.set(watch.resource, list);
      }
    }
  }

  *concernedBy(change: Change<Object>, reader: Reader<Object>): Iterable<Work> {
    if (!change.old && !change.new) return;
    for (const watches of [this.watches.get(change.resource), this.watches.get('*')])
      for (const watch of watches ?? [])
        for (const key of this.keysOf(watch, change, reader)) yield { reconciler: watch.reconciler, key };
  }

  /** An object that is not what its kind should be concerns nobody, and must not keep the others from their work. */
  private keysOf(watch: Watch<Object>, change: Change<Object>, reader: Reader<Object>): string[] {
    try {
      return watch.keys(change, reader);
    } catch (error) {
      this.failed({ reconciler: watch.reconciler, key: change.name }, error);
      return [];
    }
  }
}
