/** On the database that objects have. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Env } from '../cluster/env.ts';
import { constantBase } from './base.ts';
import { durableSql } from './sql-durable.ts';
import { Store } from './store.ts';

const base = constantBase(new Map([['b1', 'default']]));
const used = (text: string) => text.length;

it('what is live is counted as it is stored, and as it changes', async () => {
  await runInDurableObject((env as unknown as Env).CLUSTER.getByName('live-usage'), (_, { storage }) => {
    const sql = durableSql(storage);
    const bytes = used('b1default') + used('k1') + 'vä'.length;
    // By counting afresh, and by following what is done.
    for (const afresh of [true, false]) {
      let store = new Store(sql, { base, live: { keys: 3, bytes: 1000 } });
      const at = (live: { keys: number; bytes: number }) => {
        if (afresh) store = new Store(sql, { base, live });
        return afresh ? store : undefined;
      };
      store.put({ key: 'k1', value: 'va' });
      store.put({ key: 'k2', value: 'v' });
      at({ keys: 3, bytes: 1000 });
      expect(() => store.put({ key: 'k3', value: 'v' })).toThrow('etcdserver: mvcc: database space exceeded');
      expect(store.noSpace).toBe(true);
      store.setNoSpace(false);
      store.deleteRange({ key: 'k2' });
      store.put({ key: 'k1', value: 'longer' });
      store.put({ key: 'k1', value: 'va' });
      store.put({ key: 'b1', value: 'default' });
      expect(store.range({ key: '\0', rangeEnd: '\0' }).count).toBe(2);
      const exact = new Store(sql, { base, live: { keys: 10, bytes } });
      expect(() => exact.put({ key: 'k1', value: 'vab' })).toThrow('database space exceeded');
      exact.setNoSpace(false);
      exact.put({ key: 'k1', value: 'vb' });
      exact.deleteRange({ key: 'k1' });
    }
  });
});
