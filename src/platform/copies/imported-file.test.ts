/** Files that were changed by hand: whatever is wrong with one is said with its line, and no cluster is made of it. */

import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { MAX_ENTRY_BYTES } from '../../etcd/snapshot-file.ts';
import {
  MAX_CLOCK_SPEED,
  MAX_IMPORT_LINE,
  MAX_PAGE_BYTES,
  MAX_REVISION,
  MAX_SEED_LENGTH,
  PAGE_KEYS,
} from '../limits.ts';
import { readImport } from './imported-file.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

const making = {
  name: 'imported',
  seed: 'seed',
  serviceCIDR: '10.96.0.0/16',
  podCIDR: '10.244.0.0/16',
  nodePortRange: [30000, 32767],
  components: { scheduler: true, kubelet: true, kubeProxy: true, controllers: { 'deployment-controller': true } },
  clock: { start: 1_800_000_000_000, speed: 1, paused: false },
};
const header = { format: 'diorama-cluster', version: 1, revision: 100, time: 1_800_000_000_000, making };
const entry = { key: '/registry/configmaps/default/a', value: '{}', createRevision: 2, modRevision: 5, version: 3 };

async function importFile(
  lines: unknown[],
): Promise<{ status: number; media: string | null; detail: string; id?: string; token?: string }> {
  const body = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await worker.fetch(`${ORIGIN}/v1/clusters/import`, { method: 'POST', headers, body });
  return {
    status: answer.status,
    ...((await answer.json()) as LooseObject),
    media: answer.headers.get('content-type'),
  };
}

const refused = async (lines: unknown[], line: number, what: string): Promise<void> => {
  const answer = await importFile(lines);
  expect(answer.detail).toContain(`Line ${line}: ${what}`);
  expect([answer.status, answer.media]).toEqual([400, 'application/problem+json']);
};

describe('the header', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a text for a time', { time: 'noon' }, 'time: '],
    ['no time', { time: undefined }, 'time: '],
    ['a time before 1970', { time: -1 }, 'time: '],
    ['a time past 9999', { time: LAST + 1 }, 'time: '],
    ['half a millisecond', { time: 0.5 }, 'time: '],
    ['revision 0', { revision: 0 }, 'revision'],
    ['half a revision', { revision: 1.5 }, 'revision'],
    ['a revision beyond what can be counted on from', { revision: MAX_REVISION + 1 }, 'revision: '],
    ['no making', { making: null }, 'the header has no making'],
    ['a list for a making', { making: [] }, 'making'],
  ])('refuses %s', (_, change, what) => refused([{ ...header, ...change }], 1, what));

  it.each<[string, Record<string, unknown>, string]>([
    ['a name that creation refuses', { name: 'Not A Name' }, 'making.name: must be a DNS subdomain, e.g. lesson-3'],
    ['no name', { name: '' }, 'making.name: '],
    ['behaviours that are none', { behaviours: [{ match: {}, ready: 'no' }] }, 'making.behaviours.0.ready: '],
    ['a seed that is too long', { seed: 'x'.repeat(MAX_SEED_LENGTH + 1) }, 'making.seed: '],
    ['half a number for a seed', { seed: 0.5 }, 'making.seed: must be a text or a whole number'],
    ['a service range that is none', { serviceCIDR: '10.96.0.0' }, 'making.serviceCIDR: '],
    ['an IPv6 range', { podCIDR: 'fd00::/48' }, 'making.podCIDR: must be an IPv4 range'],
    ['a tiny range', { podCIDR: '10.244.0.0/23' }, 'making.podCIDR: '],
    ['ranges that overlap', { podCIDR: '10.0.0.0/8' }, 'making.podCIDR: must not overlap'],
    ['one port for a range', { nodePortRange: [30000] }, 'making.nodePortRange'],
    ['ports the wrong way round', { nodePortRange: [32767, 30000] }, 'making.nodePortRange: '],
    ['port 0', { nodePortRange: [0, 32767] }, 'making.nodePortRange.0: '],
    ['a port that is none', { nodePortRange: [30000, 65536] }, 'making.nodePortRange.1: '],
    ['texts for ports', { nodePortRange: ['1', '2'] }, 'making.nodePortRange.0: '],
    ['no components', { components: undefined }, 'making.components: '],
    [
      'a component that nobody knows',
      { components: { ...making.components, controllers: { 'no-such-controller': true } } },
      'making.components.controllers.no-such-controller: no component has this name',
    ],
    [
      'what is a component and no controller',
      { components: { ...making.components, controllers: { kubelet: true } } },
      'making.components.controllers.kubelet: no controller has this name',
    ],
    [
      'more controllers than there are',
      {
        components: {
          ...making.components,
          controllers: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [i, 1])),
        },
      },
      'making.components.controllers: must have at most',
    ],
    [
      'a controller that is neither on nor off',
      { components: { ...making.components, controllers: { 'job-controller': 1 } } },
      'making.components.controllers.job-controller: ',
    ],
    [
      'a kubelet that is neither',
      { components: { ...making.components, kubelet: 'yes' } },
      'making.components.kubelet: ',
    ],
    ['a clock that stands still at speed 0', { clock: { ...making.clock, speed: 0 } }, 'making.clock.speed: '],
    ['a clock that is too fast', { clock: { ...making.clock, speed: MAX_CLOCK_SPEED + 1 } }, 'making.clock.speed: '],
    ['a clock from before 1970', { clock: { ...making.clock, start: -1 } }, 'making.clock.start: '],
    ['a base time that is none', { baseTime: 'once' }, 'making.baseTime: '],
    ['a base time past 9999', { baseTime: LAST + 1 }, 'making.baseTime: '],
  ])('refuses a making with %s', (_, change, what) =>
    refused([{ ...header, making: { ...making, ...change } }], 1, what),
  );

  it('takes names that an earlier version has written, of controllers that are not simulated', async () => {
    const controllers = { 'resourceclaim-controller': true, 'job-controller': false };
    const components = { ...making.components, controllers };
    const made = await importFile([{ ...header, making: { ...making, components } }]);
    expect(made.status).toBe(201);
    const headers = { authorization: `Bearer ${made.token}` };
    const exported = await (await worker.fetch(`${ORIGIN}/v1/clusters/${made.id}/export`, { headers })).text();
    const written = JSON.parse(exported.slice(0, exported.indexOf('\n')));
    expect(written.making.components.controllers).toEqual({ 'job-controller': false });
  });

  it('refuses what is no header at all', async () => {
    for (const line of ['', '5', 'null', '[]', '{', '{"format":"other"}', '{"format":"diorama-cluster","version":2}'])
      expect([line, (await importFile([line])).status]).toEqual([line, 400]);
  });

  it('takes what lies on the bounds, and the cluster works', async () => {
    const bounds = { ...making, nodePortRange: [1, 65535], seed: 'x'.repeat(MAX_SEED_LENGTH), baseTime: 0 };
    for (const [time, revision] of [
      [0, 5],
      [LAST, MAX_REVISION],
    ]) {
      const clock = { start: time, speed: MAX_CLOCK_SPEED, paused: true };
      const made = await importFile([{ ...header, time, revision, making: { ...bounds, clock } }, entry]);
      expect(made.status).toBe(201);
      const path = `${ORIGIN}/clusters/${made.id}/api/v1/namespaces`;
      const headers = { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' };
      const written = await worker.fetch(path, { method: 'POST', headers, body: '{"metadata":{"name":"new"}}' });
      expect(written.status).toBe(201);
      const { metadata } = (await written.json()) as { metadata: { resourceVersion: string } };
      expect(Number(metadata.resourceVersion)).toBeGreaterThan(revision!);
      expect((await worker.fetch(path, { headers })).status).toBe(200);
    }
  });
});

describe('a key', () => {
  it.each<[string, unknown, string]>([
    ['no JSON', '{"key":', ''],
    ['no object', 'null', 'the line is no object'],
    ['a list', '[]', 'the line is no object'],
    ['no key', { ...entry, key: undefined }, 'there is no key'],
    ['an empty key', { ...entry, key: '' }, 'the key is empty'],
    ['a key in other letters', { ...entry, key: '/registry/ü' }, 'the key is not printable ASCII'],
    ['a key that is no base64', { ...entry, key: undefined, key64: '*' }, 'the key is not base64'],
    ['no value', { ...entry, value: undefined }, 'there is no value'],
    ['half a letter in its value', { ...entry, value: '\ud800' }, 'the value is not text'],
    [
      'a value that is too large',
      { ...entry, value: 'x'.repeat(MAX_ENTRY_BYTES) },
      'the key and its value have more than',
    ],
    [
      'a value that is too large in UTF-8',
      { ...entry, value: '€'.repeat(MAX_ENTRY_BYTES / 3) },
      'the key and its value have more',
    ],
    ['revision 0', { ...entry, modRevision: 0 }, 'modRevision must be a positive integer'],
    ['half a version', { ...entry, version: 0.5 }, 'version must be a positive integer'],
    ['a revision beyond the header’s', { ...entry, modRevision: 101 }, "modRevision is beyond the file's revision 100"],
    ['a creation after its change', { ...entry, createRevision: 6 }, 'createRevision is beyond modRevision'],
    ['more versions than revisions', { ...entry, version: 5 }, 'version is more than there were revisions'],
  ])('with %s is refused', (_, line, what) => refused([header, { ...entry, key: 'first' }, line], 3, what));

  it('that comes twice is refused at its second line, however far apart they are', async () => {
    await refused([header, entry, { ...entry, key: 'b' }, entry], 4, 'the key has come before');
    const many = Array.from({ length: 600 }, (_, i) => ({ ...entry, key: `k${i}` }));
    await refused([header, ...many, many[7]], 602, 'the key has come before');
    const base = { ...entry, key: '/registry/namespaces/default', modRevision: 7 };
    await refused([header, base, base], 3, 'the key has come before');
  });

  it('is named by its own line, whatever stands between, and has to be UTF-8', async () => {
    await refused([header, '', '', entry, '', 'nonsense'], 6, '');
    const body = new Blob([`${JSON.stringify(header)}\n`, new Uint8Array([0x22, 0xff, 0x22, 0x0a])]);
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await worker.fetch(`${ORIGIN}/v1/clusters/import`, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
  });

  it('on the bounds is taken, in any order', async () => {
    const large = { ...entry, key: 'z', value: 'x'.repeat(MAX_ENTRY_BYTES - 1) };
    const late = { ...entry, key: 'y', modRevision: 100, createRevision: 98 };
    expect((await importFile([header, large, late, { ...entry, key: 'a', version: 4 }])).status).toBe(201);
  });
});

describe('the lines of a file', () => {
  /** An entry in a line of so many characters. */
  const line = (length: number, i = 0): string => {
    const text = (value: string): string => JSON.stringify({ ...entry, key: `${entry.key}${i}`, value });
    return text('x'.repeat(length - text('').length));
  };
  /** How many keys the pages have that are made of these lines. */
  async function pagesOf(...lines: string[]): Promise<number[]> {
    const body = new Response([JSON.stringify(header), ...lines].map((text) => `${text}\n`).join('')).body!;
    const pages: number[] = [];
    for await (const { kvs } of (await readImport(body)).pages) pages.push(kvs.length);
    return pages;
  }

  it('go on as pages, which are full by their bytes or by their keys', async () => {
    expect(await pagesOf(line(MAX_PAGE_BYTES - 1), line(200, 1))).toEqual([2]);
    expect(await pagesOf(line(MAX_PAGE_BYTES), line(200, 1))).toEqual([1, 1]);
    const many = (count: number): string[] => Array.from({ length: count }, (_, i) => line(200, i));
    expect(await pagesOf(...many(PAGE_KEYS))).toEqual([PAGE_KEYS]);
    expect(await pagesOf(...many(PAGE_KEYS + 1))).toEqual([PAGE_KEYS, 1]);
  });

  it('have a limit of their own', async () => {
    // What is too large for a value is told of a line that is read.
    await expect(pagesOf(line(MAX_IMPORT_LINE))).rejects.toThrow(/^Line 2: (?!a line has more than)/);
    await expect(pagesOf(line(MAX_IMPORT_LINE + 1))).rejects.toThrow(
      `Line 2: a line has more than ${MAX_IMPORT_LINE} characters`,
    );
  });
});
