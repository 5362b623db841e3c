import type { Commit } from '../etcd/commits.ts';
import type { KubeObject } from '../objects/object.ts';
import type { Change } from '../simulation/object-index.ts';
import type { ObjectChanges } from './object-changes.ts';

/**
 * Commits on their way to the pump. Those of the pump's own writes wait until the write path has answered the object that it stored,
 * which then needs no parsing.
 */
export class CommitBuffer {
  private readonly changes: ObjectChanges;
  private readonly deliver: (changes: Change<KubeObject>[]) => void;
  private held: Commit[] | undefined;

  constructor(changes: ObjectChanges, deliver: (changes: Change<KubeObject>[]) => void) {
    this.changes = changes;
    this.deliver = deliver;
  }

  add(commit: Commit): void {
    if (this.held) this.held.push(commit);
    else this.deliver(this.changes.of(commit));
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
        this.deliver(this.changes.of(commit, isStored ? stored : undefined));
      }
    }
    return stored;
  }
}
