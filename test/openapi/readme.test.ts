/** README's table is of the whole API. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const { paths } = JSON.parse(readFileSync(join(ROOT, 'openapi/diorama.json'), 'utf8')) as {
  paths: Record<string, Record<string, unknown>>;
};

/** Rows as `METHOD PATH`: a method before a comma is of the path that comes next, `…` stands for a cluster's path. */
const told = [...README.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell]) => {
  let methods: string[] = [];
  return [...cell!.matchAll(/`([^`]+)`/g)].flatMap(([, text]) => {
    const [, method, path] = /^([A-Z]+)(?: (\S+))?$/.exec(text!) ?? [];
    if (!method) return [];
    methods.push(method);
    if (!path) return [];
    const all = methods;
    methods = [];
    const whole = path.replace('…', '/v1/clusters/ID');
    const list = /^(.*)\{(.*)\}$/.exec(whole);
    const expanded = list ? list[2]!.split(',').map((part) => list[1] + part) : [whole];
    return all.flatMap((one) => expanded.map((place) => `${one} ${place}`));
  });
});

it.each(Object.entries(paths))('README names %s with its methods', (path, methods) => {
  const place = path
    .replace('{id}', 'ID')
    .replace('{namespace}', 'NS')
    .replace('{name}', 'NAME')
    .replace('{tokenId}', 'TOKEN_ID');
  for (const method of Object.keys(methods)) expect(told).toContain(`${method.toUpperCase()} ${place}`);
});
