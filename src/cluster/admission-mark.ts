/** By which whoever remembers a cluster's admission policies and webhooks knows whether they are still those, or that there are none. */
import { CONFIGURATION_RESOURCES } from '../apiserver/dynamic-admission/configurations.ts';
import { prefixRange } from '../apiserver/pipeline.ts';
import { storagePrefix } from '../catalog/kinds.ts';
import { ChangeMark } from '../etcd/change-mark.ts';
import type { Store } from '../etcd/store.ts';
import type { Mark } from '../etcd/types.ts';
import { builtIn } from '../resources/built-in.ts';

const PREFIXES = CONFIGURATION_RESOURCES.map((resource) => storagePrefix(builtIn(resource)));

export class AdmissionMark {
  readonly #store: Store;
  readonly #mark: ChangeMark;
  /** Whether there are any, at the mark's last change that somebody asked after. */
  #seen: { changes: number; isNone: boolean } | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#mark = new ChangeMark(store, crypto.randomUUID(), PREFIXES);
  }

  /** Null: there are none. */
  get value(): Mark | null {
    const mark = this.#mark.value;
    if (this.#seen?.changes !== mark.changes) this.#seen = { changes: mark.changes, isNone: this.#isNone() };
    return this.#seen!.isNone ? null : mark;
  }

  #isNone(): boolean {
    return PREFIXES.every((prefix) => this.#store.range({ ...prefixRange(prefix), limit: 1 }).kvs.length === 0);
  }
}
