import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What a file exports that makes a reconciler. */
const MAKES_ONE = /^export const (\w+) = \([^)]*\): ClusterReconciler =>/gm;

it('has a test beside each controller, which goes from objects to writes', () => {
  const folder = import.meta.dirname;
  const files = globSync('*.ts', { cwd: folder }).filter((file) => !/\.test\.ts$|^(table|test-view)\.ts$/.test(file));
  const without: string[] = [];
  let found = 0;
  for (const file of files)
    for (const [, name = ''] of readFileSync(`${folder}/${file}`, 'utf8').matchAll(MAKES_ONE)) {
      found++;
      const [test = ''] = globSync(file.replace(/\.ts$/, '.test.ts'), { cwd: folder });
      if (!test || !readFileSync(`${folder}/${test}`, 'utf8').includes(name)) without.push(`${file}: ${name}`);
    }
  expect(without).toEqual([]);
  expect(found).toBeGreaterThan(40);
});
