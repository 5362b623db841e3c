/** Every object of the recorded contract through the codecs, whole and damaged. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apply } from '../../src/apiserver/apply/apply.ts';
import { trackUpdate } from '../../src/apiserver/apply/track.ts';
import { decodeBody, type GroupVersionKind } from '../../src/apiserver/codec/body.ts';
import { encodeProtobuf } from '../../src/apiserver/codec/protobuf.ts';
import { BUILT_IN_SCHEMAS } from '../../src/catalog/schema.ts';
import type { KubeObject } from '../../src/objects/object.ts';
import { StatusError } from '../../src/objects/status.ts';
import { BUILT_IN } from '../../src/resources/built-in.ts';
import { createRandom } from '../../src/simulation/random.ts';

const CASES = new URL('../contract/cases/lifecycle/', import.meta.url);
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const NOW = '2026-01-01T00:00:00Z';

const objects: KubeObject[] = readdirSync(CASES).flatMap((file) =>
  JSON.parse(readFileSync(new URL(file, CASES), 'utf8'))
    .steps.filter(
      (step: any) =>
        step.request?.method === 'POST' && BUILT_IN.kind(step.request.body?.apiVersion ?? '', step.request.body?.kind),
    )
    .map((step: any) => step.request.body),
);

function kindOf({ apiVersion, kind }: KubeObject): GroupVersionKind {
  const parts = apiVersion.split('/');
  return { group: parts.length > 1 ? parts[0]! : '', version: parts.at(-1)!, kind };
}

const bytesOf = (object: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(object));
const JSON_TYPE = 'application/json';
const read = (bytes: Uint8Array, type: string, kind: GroupVersionKind): KubeObject =>
  decodeBody(bytes, type, kind, 'Warn', BUILT_IN_SCHEMAS).object;
const decode = (object: KubeObject): KubeObject => read(bytesOf(object), JSON_TYPE, kindOf(object));

const random = createRandom('bodies', 'damage');
const pick = <T>(items: readonly T[]): T => items[random.integer(items.length)]!;

const ODD = [null, 1, 1.5, -1, '', true, [], {}, [null], { a: null }, 'x', 1e20, ['a']];

/** Puts an odd value somewhere. */
function damaged(object: KubeObject): any {
  const copy: any = structuredClone(object);
  let at: any = copy;
  for (let depth = 0; depth < 6; depth++) {
    const keys = Object.keys(at);
    if (keys.length === 0) break;
    const key = pick(keys);
    if (typeof at[key] !== 'object' || at[key] === null || random.integer(3) === 0) {
      at[key] = structuredClone(pick(ODD));
      break;
    }
    at = at[key];
  }
  return copy;
}

function accepts(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
}

describe('recorded objects', () => {
  it('come back from Protobuf as they were, and from JSON a second time', () => {
    for (const object of objects) {
      const decoded = decode(object);
      expect(decode(decoded)).toEqual(decoded);
      expect(read(encodeProtobuf(decoded)!, PROTOBUF, kindOf(object))).toEqual(decoded);
    }
  });

  it('are refused with a Status when they are damaged', () => {
    for (let i = 0; i < 3_000; i++) {
      const object = pick(objects);
      accepts(() => read(bytesOf(damaged(object)), JSON_TYPE, kindOf(object)));
      const bytes = encodeProtobuf(decode(object))!.slice();
      bytes[random.integer(bytes.length)] = random.integer(256);
      accepts(() => read(bytes.slice(0, random.integer(bytes.length)), PROTOBUF, kindOf(object)));
      accepts(() => read(bytes, PROTOBUF, kindOf(object)));
    }
  });

  it('can be applied in any state, or are refused with a Status', () => {
    for (let i = 0; i < 2_000; i++) {
      const object = pick(objects);
      const kind = BUILT_IN.kind(object.apiVersion, object.kind)!;
      const live = decode(object);
      trackUpdate({ kind, object: live, manager: 'a', now: NOW });
      accepts(() => {
        apply({ kind, live, patch: damaged(object), manager: 'b', force: random.integer(2) === 0, now: NOW });
      });
    }
  });
});

describe('hostile bodies', () => {
  const pod = { group: '', version: 'v1', kind: 'Pod' };
  const refuse = (text: string, type: string): string => {
    try {
      read(new TextEncoder().encode(text), type, pod);
    } catch (error) {
      if (error instanceof StatusError) return error.status.message!;
      throw error;
    }
    return '';
  };

  it('are refused: too deep, aliases that multiply', () => {
    expect(refuse('['.repeat(100_000), 'application/json')).toContain('exceeded max depth');
    expect(refuse('{"a":'.repeat(50_000), 'application/json')).toContain('exceeded max depth');
    expect(refuse('['.repeat(100_000), 'application/yaml')).toContain('error converting YAML to JSON');
    const levels = 'abcdefg'.split('').map((name, i, all) => {
      const item = i === 0 ? 'x' : `*${all[i - 1]}`;
      return `${name}: &${name} [${Array(9).fill(item).join(',')}]`;
    });
    expect(refuse(levels.join('\n'), 'application/yaml')).toContain('excessive aliasing');
  });
});
