/** Who agrees on what a store writes: the members of a cluster's etcd, where there are several. */
export interface Consensus {
  /** Before a commit. @throws EtcdError where there is no agreement to be had soon: nothing may be written */
  agree(): void;
  /** What was agreed on last is in the store, as this revision. */
  written(revision: number): void;
}
