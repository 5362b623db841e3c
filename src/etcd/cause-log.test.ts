import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Env } from '../cluster/env.ts';
import type { Cause, Reconcile } from '../simulation/cause.ts';
import {
  CAUSES_A_ROW,
  CauseLog,
  causedBy,
  MAX_CAUSE_CHARACTERS,
  MAX_WHAT_LENGTH,
  MAX_WHO_LENGTH,
  ROWS_AT_ONCE,
} from './cause-log.ts';
import type { Sql } from './sql.ts';
import { durableSql } from './sql-durable.ts';
import { Store } from './store.ts';

const pod = { resource: 'pods', namespace: 'default', name: 'web' };
const reconcile = (key = 'default/web', revision = 1): Reconcile => ({
  name: 'replicaset-controller',
  key,
  manager: 'kube-controller-manager',
  woken: { ...pod, revision },
  now: 1000,
});
const asked = (path: string, user = 'admin'): Cause => ({
  request: { method: 'POST', path, user, userAgent: 'kubectl/v1' },
  now: 2000,
});

const withSql = (name: string, test: (sql: Sql) => void): Promise<void> =>
  runInDurableObject((env as unknown as Env).CLUSTER.getByName(name), (_, { storage }) => test(durableSql(storage)));

const write = (store: Store, cause: Cause | undefined, key = 'k'): number =>
  cause
    ? causedBy(store, cause, () => store.put({ key, value: 'v' }).revision)
    : store.put({ key, value: 'v' }).revision;

const rows = (sql: Sql): number => Number(sql.exec('SELECT count(*) FROM causes')[0]![0]);

it('tells of each revision what it was written for, and what else that has written', () =>
  withSql('causes-told', (sql) => {
    const store = new Store(sql, { causes: true });
    const controller = reconcile('default/web', 1);
    const first = write(store, asked('/api/v1/pods?a=b'));
    write(store, controller);
    const last = write(store, controller);
    write(store, undefined);
    for (const when of ['in memory', 'stored', 'woken']) {
      if (when === 'stored') store.causes!.keep(-1);
      const { causes } = when === 'woken' ? new Store(sql, { causes: true }) : store;
      expect(causes!.spanOf(first), when).toEqual({
        from: first,
        to: first,
        cause: {
          kind: 'request',
          at: 2000,
          request: { method: 'POST', path: '/api/v1/pods?a=b', user: 'admin', userAgent: 'kubectl/v1' },
        },
      });
      const { now: at, ...rest } = controller;
      expect(causes!.spanOf(last), when).toEqual({
        from: last - 1,
        to: last,
        cause: { kind: 'reconcile', at, ...rest },
      });
      expect(causes!.spanOf(last + 1)?.cause, when).toEqual({ kind: 'unknown' });
      expect(causes!.spanOf(last + 2), when).toBeUndefined();
      expect(causes!.spanOf(first - 1), when).toBeUndefined();
      expect(causes!.wokenBy(pod, 1, 10), when).toEqual([last - 1]);
      expect(causes!.wokenBy(pod, 2, 10), when).toEqual([]);
      expect(causes!.wokenBy({ ...pod, name: 'we' }, 0, 10), when).toEqual([]);
    }
    expect(rows(sql)).toBe(1);
  }));

it('writes a row when there are enough for one, or everything is at rest', () =>
  withSql('causes-rows', (sql) => {
    const store = new Store(sql, { causes: true });
    for (let i = 1; i < CAUSES_A_ROW; i++) write(store, reconcile());
    expect(rows(sql)).toBe(0);
    write(store, reconcile());
    expect(rows(sql)).toBe(1);
    write(store, reconcile());
    expect(rows(sql)).toBe(1);
    store.causes!.keep(-1);
    store.causes!.keep(-1);
    expect(rows(sql)).toBe(2);
  }));

it('knows nothing of what was in memory when the process ended, and does not take it for what was before', () =>
  withSql('causes-lost', (sql) => {
    const store = new Store(sql, { causes: true });
    const kept = write(store, reconcile());
    store.causes!.keep(-1);
    const lost = write(store, reconcile());
    const { causes } = new Store(sql, { causes: true });
    expect(causes!.spanOf(kept)?.to).toBe(kept);
    expect(causes!.spanOf(lost)).toBeUndefined();
  }));

it('keeps nothing of a transaction that is taken back', () =>
  withSql('causes-undone', (sql) => {
    const store = new Store(sql, { causes: true });
    const kept = write(store, reconcile('a'));
    expect(() =>
      store.atomically(() => {
        write(store, reconcile('b'));
        throw new Error('no');
      }),
    ).toThrow('no');
    const next = write(store, asked('/c'));
    expect(next).toBe(kept + 1);
    expect(store.causes!.spanOf(next)?.cause).toMatchObject({ kind: 'request' });
    expect(store.causes!.spanOf(kept)).toMatchObject({ to: kept, cause: { key: 'a' } });
  }));

it('is lost where the database has no room, and the writes are not', () =>
  withSql('causes-no-room', (sql) => {
    const store = new Store(sql, { causes: true });
    sql.exec("CREATE TRIGGER full BEFORE INSERT ON causes BEGIN SELECT RAISE(ABORT, 'full'); END");
    let heard = 0;
    store.subscribe(() => heard++);
    for (let i = 0; i < CAUSES_A_ROW; i++) write(store, reconcile());
    expect([heard, rows(sql)]).toEqual([CAUSES_A_ROW, 0]);
    expect(store.causes!.spanOf(store.revision)).toBeUndefined();
    sql.exec('DROP TRIGGER full');
    const next = write(store, reconcile());
    store.causes!.keep(-1);
    expect(store.causes!.spanOf(next)?.from).toBe(next);
  }));

it('goes back to the beginning with the store', () =>
  withSql('causes-beginning', (sql) => {
    const store = new Store(sql, { causes: true });
    const first = write(store, reconcile('a'));
    store.markBeginning();
    for (let i = 0; i < 2 * CAUSES_A_ROW; i++) write(store, reconcile('b'));
    store.returnToBeginning();
    expect(store.causes!.spanOf(first + 1)).toBeUndefined();
    expect(write(store, asked('/again'))).toBe(first + 1);
    expect(store.causes!.spanOf(first + 1)?.cause.kind).toBe('request');
  }));

it('drops the oldest beyond what it may have, and what is compacted', () =>
  withSql('causes-bounds', (sql) => {
    const log = new CauseLog(sql);
    let revision = 0;
    const inAll = (): number => Number(sql.exec('SELECT sum(length(causes)) FROM causes')[0]![0]);
    const row = (compacted = -1): void => {
      for (let i = 0; i < CAUSES_A_ROW; i++)
        log.during(asked('/'.repeat(MAX_WHAT_LENGTH), 'u'.repeat(MAX_WHO_LENGTH)), () => log.written(++revision));
      log.keepFull(compacted);
    };
    row();
    const one = inAll() + CAUSES_A_ROW * 'numbers of more digits'.length;
    for (let left = MAX_CAUSE_CHARACTERS - 2 * one; left > 0; left -= one) row();
    expect(log.spanOf(1)).toBeDefined();
    for (let i = 0; i < 20 && log.spanOf(1); i++) row();
    expect(log.spanOf(1)).toBeUndefined();
    expect(inAll()).toBeLessThanOrEqual(MAX_CAUSE_CHARACTERS);
    expect(inAll()).toBeGreaterThan(MAX_CAUSE_CHARACTERS - 2 * one);
    const before = revision;
    while (rows(sql) > ROWS_AT_ONCE) row(before + 1);
    row(before + 1);
    expect(log.spanOf(before)).toBeUndefined();
    expect(log.spanOf(revision)).toBeDefined();
  }));

it('keeps texts up to their length', () =>
  withSql('causes-texts', (sql) => {
    const store = new Store(sql, { causes: true });
    const kept = (path: string, user: string) => {
      const cause = store.causes!.spanOf(write(store, asked(path, user)))?.cause;
      return cause?.kind === 'request' ? [cause.request.path.length, cause.request.user.length] : [];
    };
    expect(kept('/'.repeat(MAX_WHAT_LENGTH), 'u'.repeat(MAX_WHO_LENGTH))).toEqual([MAX_WHAT_LENGTH, MAX_WHO_LENGTH]);
    expect(kept('/'.repeat(MAX_WHAT_LENGTH + 1), 'u'.repeat(MAX_WHO_LENGTH + 1))).toEqual([
      MAX_WHAT_LENGTH,
      MAX_WHO_LENGTH,
    ]);
  }));

it('is not there for a store that has none', () =>
  withSql('causes-off', (sql) => {
    const store = new Store(sql);
    write(store, reconcile());
    expect(store.causes).toBeUndefined();
    expect(sql.exec("SELECT name FROM sqlite_master WHERE name = 'causes'")).toEqual([]);
  }));
