import { expect, it } from 'vitest';
import { StateTooNew } from '../../src/etcd/errors.ts';
import { nodeSql } from '../../src/etcd/sql-node.node.ts';
import { Store } from '../../src/etcd/store.ts';
import { type Migration, upgradeStore } from '../../src/etcd/store-version.ts';

const versionOf = (sql: ReturnType<typeof nodeSql>): unknown =>
  sql.exec("SELECT value FROM etcd_meta WHERE name = 'version'")[0]?.[0];

const rows = (sql: ReturnType<typeof nodeSql>): unknown => [
  sql.exec('SELECT * FROM etcd_meta'),
  sql.exec('SELECT * FROM etcd_log'),
];

const FIRST = 1;
const CURRENT = 2;

function written(version?: number): ReturnType<typeof nodeSql> {
  const sql = nodeSql();
  new Store(sql).put({ key: 'a', value: '1' });
  if (version) sql.exec("UPDATE etcd_meta SET value = ? WHERE name = 'version'", version);
  return sql;
}

it('is written by a new store, and found by the next', () => {
  const sql = written();
  expect(versionOf(sql)).toBe(CURRENT);
  expect(new Store(sql).range({ key: 'a' }).count).toBe(1);
});

it('is the first in a store that is older than versions', () => {
  const sql = written();
  sql.exec("DELETE FROM etcd_meta WHERE name = 'version'");
  const seen: string[] = [];
  upgradeStore(sql, [() => seen.push('to 2'), () => seen.push('to 3')]);
  expect([seen, versionOf(sql)]).toEqual([['to 2', 'to 3'], 3]);
});

it('leads through all migrations after it, and none before', () => {
  const sql = written(FIRST);
  const seen: string[] = [];
  const migrations: Migration[] = [() => seen.push('to 2'), () => seen.push('to 3')];
  upgradeStore(sql, migrations.slice(0, 1));
  upgradeStore(sql, migrations);
  upgradeStore(sql, migrations);
  expect(seen).toEqual(['to 2', 'to 3']);
  expect(versionOf(sql)).toBe(3);
});

it('stays what it was when a migration fails, and so does all else', () => {
  const sql = written(FIRST);
  const before = rows(sql);
  const failing: Migration[] = [
    (tables) => void tables.exec("UPDATE etcd_log SET value = '2'"),
    () => {
      throw new Error('no');
    },
  ];
  expect(() => upgradeStore(sql, failing)).toThrow('no');
  expect(rows(sql)).toEqual(before);
});

it('that is not known yet is refused, and nothing is touched', () => {
  const sql = written();
  upgradeStore(
    sql,
    Array.from({ length: CURRENT }, () => () => undefined),
  );
  const before = rows(sql);
  expect(() => new Store(sql)).toThrow(StateTooNew);
  expect(() => new Store(sql)).toThrow(
    `the cluster's store has the version ${CURRENT + 1}, and this server knows none after ${CURRENT}`,
  );
  expect(rows(sql)).toEqual(before);
});

it('of a new store is the last', () => {
  const sql = nodeSql();
  let migrated = false;
  upgradeStore(sql, [() => (migrated = true)]);
  expect([migrated, versionOf(sql)]).toEqual([false, 2]);
});
