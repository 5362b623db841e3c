/** What the directory says of a cluster follows what its object has, also when much is changed at once. */
import type { D1Database } from '@cloudflare/workers-types';
import { changeCluster } from '../platform/directory/directory.ts';
import type { Life } from './life.ts';

export class DirectoryEntry {
  #told: Promise<void> = Promise.resolve();

  /** One after the other, and each time what holds then, so that the directory ends with what the object has. */
  tell(database: D1Database, life: () => Life | undefined): Promise<void> {
    this.#told = this.#told
      .catch(() => undefined)
      .then(async () => {
        const spec = life()?.spec;
        if (spec) await changeCluster(database, spec.id, { name: spec.name, expiresAt: spec.expiresAt });
      });
    return this.#told;
  }
}
