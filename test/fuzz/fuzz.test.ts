/**
 * Inputs of every kind that strangers send, valid ones made wrong: never an error of our own, never more CPU or memory than an input may
 * cost. `FUZZ_INPUTS` says how many, `FUZZ_SEED` which.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { apply } from '../../src/apiserver/apply/apply.ts';
import { trackUpdate } from '../../src/apiserver/apply/track.ts';
import { decodeBody, type GroupVersionKind } from '../../src/apiserver/codec/body.ts';
import { encodeProtobuf } from '../../src/apiserver/codec/protobuf.ts';
import { printYAML } from '../../src/apiserver/codec/yaml-write.ts';
import { decodeChange } from '../../src/apiserver/patch/patched.ts';
import { readPatch } from '../../src/apiserver/patch/read-patch.ts';
import { MAX_BODY_BYTES } from '../../src/apiserver/write/body.ts';
import { BUILT_IN_SCHEMAS } from '../../src/catalog/schema.ts';
import { parseFieldSelector } from '../../src/objects/field-selector.ts';
import { GoTimeError, parseDuration } from '../../src/objects/go-duration.ts';
import { parseCIDR, parseIP } from '../../src/objects/ip.ts';
import { parseLabelSelector } from '../../src/objects/label-selector.ts';
import { canonicalQuantity, QuantityError } from '../../src/objects/quantity.ts';
import { StatusError } from '../../src/objects/status.ts';
import { platformApp } from '../../src/platform/app.ts';
import { readImport } from '../../src/platform/copies/imported-file.ts';
import { ProblemError } from '../../src/platform/http/problem.ts';
import { parseSchedule } from '../../src/resources/batch/cron-schedule.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { createContractCluster } from '../contract/cluster.ts';
import { EtcdProcess } from '../etcd/process.ts';
import { type Random, seeded } from '../etcd/script.ts';
import type { LooseObject as KubeObject } from '../loose-object.ts';
import { gauged } from './gauge.ts';
import { below, longText, mutated, mutatedBytes, mutatedText, pick } from './mutate.ts';
import { requestSeeds, type SeedRequest, simulateSeeds } from './seeds.ts';

const INPUTS = Number(process.env.FUZZ_INPUTS ?? 100_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** After so many a run has told enough. */
const MAX_FAULTS = Number(process.env.FUZZ_FAULTS ?? 3);
const TIMEOUT = 60_000 + INPUTS * 10;

const REQUESTS = requestSeeds();
const BODIES: unknown[] = REQUESTS.map((r) => r.body).filter((body) => typeof body === 'object' && body !== null);
const OBJECTS = BODIES.filter((body: any): body is KubeObject => isReadable(body));

function isReadable(body: any): boolean {
  try {
    return Boolean(BUILT_IN.kind(body.apiVersion ?? '', body.kind) && decoded(body).metadata);
  } catch {
    return false;
  }
}

/** A kind of input gets its share of all. */
function fuzz(name: string, share: number, make: (random: Random) => Promise<void> | void): void {
  const count = Math.ceil(INPUTS * share);
  it(`${count} ${name}`, { timeout: TIMEOUT }, async () => {
    const random = seeded(SEED * 7919 + name.length);
    const faults: string[] = [];
    for (let i = 0; i < count && faults.length < MAX_FAULTS; i++) {
      try {
        await make(random);
      } catch (error) {
        faults.push((error as Error).stack ?? String(error));
      }
    }
    expect(faults.join('\n\n')).toBe('');
  });
}

/** A refusal that says whose fault it is. Anything else is ours. */
function refusing(work: () => unknown, ...refusals: (new (...args: any[]) => Error)[]): void {
  try {
    work();
  } catch (error) {
    if (!refusals.some((refusal) => error instanceof refusal)) throw error;
  }
}

function kindOf({ apiVersion, kind }: KubeObject): GroupVersionKind {
  const parts = apiVersion.split('/');
  return { group: parts.length > 1 ? parts[0]! : '', version: parts.at(-1)!, kind };
}
function decoded(object: KubeObject): KubeObject {
  return decodeBody(bytesOf(json(object)), 'application/json', kindOf(object), 'Warn', BUILT_IN_SCHEMAS).object;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** What of a text reaches a decoder: no more is read of a request. */
/** Mutations double: what is longer than any body may be is nobody's input. */
const isShort = (value: unknown): boolean => json(value).length <= MAX_BODY_BYTES;

const bodyOf = (text: string): Uint8Array => bytesOf(text).subarray(0, MAX_BODY_BYTES);

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

function randomPatch(random: Random, type: string, object: KubeObject): string {
  if (type !== PATCH_TYPES[0]) return json(mutated(random, object, OBJECTS));
  const pointers = [
    '',
    '/metadata',
    '/metadata/labels',
    '/spec',
    '/data/a',
    '/spec/containers/0',
    '/spec/containers/-',
    '/a~1b',
    '/__proto__/x',
  ];
  const operations = Array.from({ length: 1 + below(random, 12) }, () => ({
    op: pick(random, ['add', 'remove', 'replace', 'move', 'copy', 'copy', 'test', 'zzz']),
    path: pick(random, pointers) + pick(random, ['', '/k', '/0', '/-1']),
    from: pick(random, pointers),
    value: pick<any>(random, [object.metadata, object.spec, 'x', null, 7]),
  }));
  return json(random() < 0.3 ? mutated(random, operations, BODIES) : operations);
}

describe('the decoders', () => {
  const objects = OBJECTS.map((object) => ({ object, kind: kindOf(object) }));

  fuzz('bodies in JSON', 0.1, (random) => {
    const { object, kind } = pick(random, objects);
    const whole = json(mutated(random, object, OBJECTS));
    const text = random() < 0.3 ? mutatedText(random, whole) : whole;
    return gauged(
      () => text,
      text.length,
      () => refusing(() => decodeBody(bodyOf(text), 'application/json', kind, 'Strict', BUILT_IN_SCHEMAS), StatusError),
    );
  });

  const printed = objects.slice(0, 300).map(({ object, kind }) => ({ text: printYAML(object), kind }));
  fuzz('bodies in YAML', 0.1, (random) => {
    const { text: whole, kind } = pick(random, printed);
    const text = random() < 0.1 ? longText(random) + mutatedText(random, whole) : mutatedText(random, whole);
    return gauged(
      () => text,
      text.length,
      () => refusing(() => decodeBody(bodyOf(text), 'application/yaml', kind, 'Strict', BUILT_IN_SCHEMAS), StatusError),
    );
  });

  const messages = objects.flatMap(({ object, kind }) => {
    const bytes = encodeProtobuf(decoded(object));
    return bytes ? [{ bytes, kind }] : [];
  });
  fuzz('bodies in Protobuf', 0.1, (random) => {
    const { bytes: whole, kind } = pick(random, messages);
    const bytes = mutatedBytes(random, whole);
    const type = 'application/vnd.kubernetes.protobuf';
    return gauged(
      () => String(bytes),
      bytes.length,
      () => refusing(() => decodeBody(bytes, type, kind, 'Warn', BUILT_IN_SCHEMAS), StatusError),
    );
  });

  fuzz('patches', 0.08, (random) => {
    const { object } = pick(random, objects);
    const kind = BUILT_IN.kind(object.apiVersion, object.kind)!;
    const live = decoded(object);
    const type = pick(random, PATCH_TYPES);
    const text = randomPatch(random, type, object);
    return gauged(
      () => `${type} ${text}`,
      text.length,
      () =>
        refusing(() => {
          const patch = readPatch(bodyOf(text), type, kind.struct, 'Warn');
          decodeChange(patch, live, kind, BUILT_IN_SCHEMAS, 'Warn', []);
        }, StatusError),
    );
  });

  fuzz('applied objects', 0.06, (random) => {
    const { object } = pick(random, objects);
    const kind = BUILT_IN.kind(object.apiVersion, object.kind)!;
    let live = decoded(object);
    const now = '2026-01-01T00:00:00Z';
    trackUpdate({ kind, object: live, manager: 'a', now });
    const odd = mutated(random, live, OBJECTS);
    if (random() < 0.3 && isReadable(odd) && isShort(odd)) live = decoded(odd as KubeObject);
    const patch = mutated(random, object, OBJECTS) as KubeObject;
    if (typeof patch !== 'object' || patch === null) return;
    if (!isShort(patch)) return;
    return gauged(
      () => json([live, patch]),
      json(patch).length,
      () =>
        refusing(
          () =>
            apply({ kind, live: structuredClone(live), patch: structuredClone(patch), manager: 'b', force: true, now }),
          StatusError,
        ),
    );
  });
});

describe('the small readers', () => {
  const read: [
    name: string,
    texts: string[],
    read: (text: string) => unknown,
    refusals: (new (...args: any[]) => Error)[],
  ][] = [
    ['label selectors', ['a=b,c!=d', 'x in (a,b),!y', 'k notin (v),n>1'], parseLabelSelector, [Error]],
    ['field selectors', ['metadata.name=x,spec.nodeName!=y', 'a=b\\,c'], parseFieldSelector, [Error]],
    ['quantities', ['100m', '1.5Gi', '-1e3', '12E', '0.000001n'], canonicalQuantity, [QuantityError]],
    ['schedules', ['*/5 1-3 * jan,feb mon', '@every 1h30m', 'TZ=UTC 0 0 * * *'], parseSchedule, [Error]],
    ['durations', ['1h2m3.5s', '-10ms', '0'], parseDuration, [GoTimeError]],
    ['addresses', ['10.0.0.1/24', '::ffff:1.2.3.4/96', 'fd00::1/64'], (text) => [parseIP(text), parseCIDR(text)], []],
  ];
  for (const [name, texts, reader, refusals] of read)
    fuzz(name, 0.02, (random) => {
      const text =
        random() < 0.2
          ? longText(random) + pick(random, texts) + longText(random)
          : mutatedText(random, pick(random, texts));
      return gauged(
        () => text,
        text.length,
        () => refusing(() => reader(text), ...(refusals.includes(Error) ? [Plain] : refusals)),
      );
    });
});

/** Errors that readers throw on purpose are of no special class: those of the language itself are no refusals. */
class Plain extends Error {
  static override [Symbol.hasInstance](error: unknown): boolean {
    return error instanceof Error && error.constructor === Error;
  }
}

describe('the API server', async () => {
  const cluster = await createContractCluster('fuzz');
  afterAll(() => cluster.close());
  const ACCEPTS = [
    'application/json',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    'application/json;as=Table;g=meta.k8s.io;v=v1',
  ];

  fuzz('requests', 0.28, async (random) => {
    const seed = pick(random, REQUESTS);
    const { method, path, headers, body } = await randomRequest(random, seed);
    const size = typeof body === 'string' ? body.length : 0;
    const what = () => `${method} ${path} ${json(headers)} ${String(body)}`;
    await gauged(what, size + 1000, async () => {
      const response = await cluster.fetch(method, path, headers, body);
      if (response.status === 200 && /watch|follow/.test(path)) return response.body?.cancel();
      const text = await response.text();
      if (
        response.status >= 500 &&
        response.status !== 503 &&
        response.status !== 504 &&
        text.includes('InternalError')
      )
        expect.fail(`${response.status} ${text.slice(0, 500)}\n${what().slice(0, 3000)}`);
      if (response.status >= 400 && text.length > 200_000)
        expect.fail(`an error of ${text.length} characters: ${what().slice(0, 500)}`);
      return undefined;
    });
  });

  async function randomRequest(random: Random, seed: SeedRequest) {
    const headers: Record<string, string> = { ...seed.headers };
    if (random() < 0.2)
      headers.accept =
        random() < 0.7
          ? pick(random, ACCEPTS)
          : mutatedText(random, pick(random, ACCEPTS)).replaceAll(/[^\x20-\x7e]/g, '');
    let path = seed.path;
    if (random() < 0.15) path = encodeURI(mutatedText(random, path).toWellFormed()).replace(/^\/*/, '/').slice(0, 8000);
    if (random() < 0.1)
      path += `${path.includes('?') ? '&' : '?'}labelSelector=${encodeURIComponent(mutatedText(random, 'a in (b,c),!d').toWellFormed())}`;
    if (seed.body === undefined || seed.body === null) return { method: seed.method, path, headers, body: undefined };
    const type = headers['content-type'] ?? headers['Content-Type'] ?? '';
    const object = typeof seed.body === 'object' ? mutated(random, seed.body, BODIES) : seed.body;
    if (type === '' && random() < 0.1 && typeof object === 'object') {
      headers['content-type'] = 'application/yaml';
      return { method: seed.method, path, headers, body: mutatedText(random, printYAML(object)) };
    }
    const text = typeof object === 'string' ? mutatedText(random, object) : json(object);
    return { method: seed.method, path, headers, body: random() < 0.1 ? mutatedText(random, text) : text };
  }
});

describe('/v1/simulate', () => {
  /** Strangers as many as there are inputs. */
  const env = { LIMITS: JSON.stringify({ anonymous: { perSecond: 1e9, burst: 1e9 } }) };
  const seeds = simulateSeeds();

  fuzz('questions', 0.08, async (random) => {
    const { path, body } = pick(random, seeds);
    const text = json(mutated(random, body, [...seeds.map((s) => s.body), ...OBJECTS]));
    await gauged(
      () => `${path} ${text}`,
      text.length,
      async () => {
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: text };
        const response = await platformApp.request(`/v1/simulate/${path}`, init, env);
        const answer = await response.text();
        if (![200, 400, 413, 422].includes(response.status))
          expect.fail(`${response.status} ${answer.slice(0, 300)} ${path} ${text.slice(0, 2000)}`);
        if (answer.length > 100_000 + 20 * text.length)
          expect.fail(`${text.length} → ${answer.length}: ${path} ${text.slice(0, 500)}`);
      },
    );
  });
});

describe('imported files', () => {
  const header = {
    format: 'diorama-cluster',
    version: 1,
    revision: 900,
    time: 1_700_000_000_000,
    making: {
      name: 'x',
      seed: 's',
      serviceCIDR: '10.96.0.0/16',
      podCIDR: '10.244.0.0/16',
      nodePortRange: [30000, 32767],
      clock: { start: 0, speed: 1, paused: false },
      components: { controllers: {} },
    },
  };
  const entries = OBJECTS.slice(0, 50).map((object, i) => ({
    key: `/registry/things/default/o${i}`,
    value: json(object),
    createRevision: 2,
    modRevision: 3,
    version: 1,
  }));

  fuzz('files', 0.03, (random) => {
    const lines = [header, pick(random, entries), pick(random, entries)].map((line) =>
      random() < 0.4 ? json(mutated(random, line, entries)) : json(line),
    );
    const text = random() < 0.3 ? mutatedText(random, lines.join('\n')) : lines.join('\n');
    return gauged(
      () => text,
      text.length,
      async () => {
        try {
          const { pages } = await readImport(new Blob([text]).stream() as ReadableStream<Uint8Array>);
          for await (const page of pages) expect(page.kvs.length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
        }
      },
    );
  });
});

describe("etcd's gateway", () => {
  const messages: [path: string, message: unknown][] = [
    ['kv/range', { key: 'Zm8=', range_end: 'Zm9=', limit: 10, sort_order: 'ASCEND', sort_target: 'KEY' }],
    ['kv/put', { key: 'Zm9v', value: 'YmFy', lease: '0', prev_kv: true }],
    [
      'kv/txn',
      {
        compare: [{ key: 'Zm9v', target: 'MOD', result: 'EQUAL', mod_revision: '2' }],
        success: [{ request_put: { key: 'Zm9v', value: 'eA==' } }],
        failure: [{ request_range: { key: 'Zm9v' } }],
      },
    ],
    ['lease/grant', { TTL: 60, ID: 7 }],
    [
      'watch',
      { create_request: { key: 'Zm9v', range_end: 'Zm9w', start_revision: '1', filters: ['NOPUT'], watch_id: '3' } },
    ],
    ['lease/keepalive', { ID: '7' }],
  ];
  let etcd = new EtcdProcess();
  let used = 0;

  fuzz('messages and frames', 0.05, async (random) => {
    // A store of its own now and then, since some messages close it to all others.
    if (++used % 500 === 0) etcd = new EtcdProcess();
    const [path, message] = pick(random, messages);
    const whole = json(mutated(random, message, messages));
    const text = random() < 0.3 ? mutatedText(random, whole) : whole;
    await gauged(
      () => `${path} ${text}`,
      text.length,
      async () => {
        if (path === 'watch' || path === 'lease/keepalive') {
          const socket = await etcd.connect(`/v3/${path}`, {});
          const cut = below(random, text.length);
          socket.deliver(text.slice(0, cut));
          socket.deliver(text.slice(cut));
          socket.close();
          for (const received of socket.received)
            if (/"code":13\b/.test(received)) expect.fail(`${path} ${text}: ${received}`);
          return;
        }
        const response = await etcd.fetch(`/v3/${path}`, { body: text });
        const answer = await response.text();
        if (response.status !== 200 && JSON.parse(answer).code === 13) expect.fail(`${path} ${text}: ${answer}`);
      },
    );
  });
});
