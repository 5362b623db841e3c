import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RECONCILER_NAMES } from '../platform/clusters/components.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { controllers } from './table.ts';

/** What a file exports that makes a reconciler. */
const MAKES_ONE = /^export const (\w+) = \((?:[^()]|\(\))*\): ClusterReconciler =>/gm;

it('has a test beside each controller, which goes from objects to writes', () => {
  const folder = import.meta.dirname;
  const files = globSync('**/*.ts', { cwd: folder }).filter(
    (file) => !/\.test\.ts$|^(table|test-view)\.ts$/.test(file),
  );
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

it('has no controller that a cluster could not switch on', () => {
  const config = { podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/16', rootCA: 'PEM', catalog: () => BUILT_IN };
  const notary = { secretToken: () => undefined, certificate: () => undefined, tokenKid: () => undefined };
  const enabled = new Proxy<Record<string, boolean>>({}, { get: () => true });
  const names = controllers({ ...config, notary, enabled }).map(({ name }) => name);
  expect(names.filter((name) => !RECONCILER_NAMES.includes(name))).toEqual([]);
});
