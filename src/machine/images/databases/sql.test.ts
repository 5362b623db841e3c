import { expect, it } from 'vitest';
import { type Databases, MAX_ROWS, runSql } from './sql.ts';
import { MAX_STATEMENT, SqlFault, statementsOf } from './sql-text.ts';

const context = (databases: Databases) => ({ databases, database: 'd', version: '1', now: 0 });

it('cuts statements at semicolons outside quotes, up to a bound', () => {
  expect(statementsOf("select ';'; -- a note\nselect 2;")).toEqual(["select ';'", 'select 2']);
  expect(statementsOf(`select '${'x'.repeat(MAX_STATEMENT)}'`).join('').length).toBeLessThanOrEqual(MAX_STATEMENT);
});

it('keeps words of clauses that stand in quotes', () => {
  const databases: Databases = { d: {} };
  runSql(context(databases), 'create table t (id int, n text)');
  runSql(context(databases), "insert into t values (1, 'from here, where (it) is')");
  expect(runSql(context(databases), "select n from t where n = 'from here, where (it) is' limit 1").rows).toEqual([
    ['from here, where (it) is'],
  ]);
  expect(() => runSql(context(databases), 'select x from t')).toThrow(new SqlFault('column "x" does not exist'));
});

it('takes so many rows into a table and no more', () => {
  const databases: Databases = { d: { t: { columns: ['a'], rows: Array.from({ length: MAX_ROWS - 1 }, () => [1]) } } };
  runSql(context(databases), 'insert into t values (1)');
  expect(() => runSql(context(databases), 'insert into t values (1)')).toThrow('out of memory');
});
