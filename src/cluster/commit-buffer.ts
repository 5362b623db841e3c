import type { Commit } from '../etcd/store.ts';
import type { KubeObject } from '../objects/object.ts';
import type { Change } from '../simulation/object-index.ts';

/** `stored`: the object that the commit has put, if that is known. */
type ChangesOf = (commit: Commit, stored?: KubeObject) => Change<KubeObject>[];

/**
 * Commits on their way to the pump. Those of the pump's own writes wait until the write path has answered the object that it stored,
 * which then needs no parsing.
 */
export class CommitBuffer {
  private readonly changesOf: ChangesOf;
  private readonly deliver: (changes: Change<KubeObject>[]) => void;
  private held: Commit[] | undefined;

  constructor(changesOf: ChangesOf, deliver: (changes: Change<KubeObject>[]) => void) {
    this.changesOf = changesOf;
    this.deliver = deliver;
  }

  add(commit: Commit): void {
    if (this.held) this.held.push(commit);
    else this.deliver(this.changesOf(commit));
  }

  around(write: () => KubeObject | undefined): KubeObject | undefined {
    const held: Commit[] = [];
    this.held = held;
    let stored: KubeObject | undefined;
    try {
      stored = write();
    } finally {
      this.held = undefined;
      for (const commit of held) {
        const isStored = stored?.metadata.resourceVersion === String(commit.revision);
        this.deliver(this.changesOf(commit, isStored ? stored : undefined));
      }
    }
    return stored;
  }
}
