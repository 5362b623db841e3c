import { describe, expect, it } from 'vitest';
import { clusterRequestSchema } from '../clusters/cluster-spec.ts';
import { COMPONENTS } from '../clusters/components.ts';
import { MAX_BODY_BYTES, MAX_MANIFESTS, MAX_MATCH_LABELS, MAX_NODE_LABELS, MAX_NODE_RESOURCES } from '../limits.ts';
import { z } from '../zod.ts';
import { invalidBody } from './invalid-body.ts';
import { MAX_PROBLEMS } from './problem.ts';

const problemsOf = (body: unknown) => {
  const { error } = clusterRequestSchema.safeParse(body);
  return error ? invalidBody(error).errors : [];
};
const pointersOf = (body: unknown): string[] => problemsOf(body).map(({ pointer }) => pointer);

const node = (rest: object) => ({ nodes: [{ name: 'a' }, { name: 'b', ...rest }] });

describe('what is wrong inside a value of several shapes', () => {
  it.each([
    ['a taint', node({ taints: [{ key: 'a', effect: 'Never' }] }), ['/nodes/1/taints/0/effect']],
    ['an unknown field', node({ cpu: 2 }), ['/nodes/1/cpu']],
    ['a name', node({ name: 'B' }), ['/nodes/1/name']],
    ['a node that is a number', { nodes: [{ name: 'a' }, 3] }, ['/nodes/1']],
    ['a quantity inside a node', node({ capacity: { cpu: true, memory: 'much' } }), ['/nodes/1/capacity/cpu']],
    [
      "a label's name and another's value",
      node({ labels: { 'a b': '', c: 3 } }),
      ['/nodes/1/labels/a b', '/nodes/1/labels/c'],
    ],
    ['two fields at once', node({ name: '', taints: [{ key: 'a' }] }), ['/nodes/1/name', '/nodes/1/taints/0/effect']],
    ['half a node', { nodes: 0.5 }, ['/nodes']],
    ['neither shape', { nodes: 'three' }, ['/nodes']],
    ['a seed', { seed: 0.5 }, ['/seed']],
    ['a manifest', { manifests: ['a: b', 3] }, ['/manifests/1']],
    ['manifests', { manifests: 3 }, ['/manifests']],
  ])('is pointed to: %s', (_, body, pointers) => {
    expect(pointersOf(body)).toEqual(pointers);
  });

  it('is said in words of its own', () => {
    const said = (body: unknown) => problemsOf(body)[0]!.detail;
    expect(said({ nodes: 'three' })).toBe('must be a number of nodes or a list of them');
    expect(said({ seed: true })).toBe('must be a text or a whole number');
    expect(said(node({ capacity: { cpu: true } }))).toMatch(/^must be a quantity/);
    expect(said(node({ labels: { 'a b': '' } }))).toMatch(/^must be a qualified name/);
    expect(said({ manifests: [3] })).toBe('must be an object or a YAML text');
  });

  it('is not guessed where the input is of no branch, or of more than one', () => {
    const either = z.object({ it: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]) });
    const pointer = (body: unknown) => invalidBody(either.safeParse(body).error!).errors[0]!.pointer;
    expect([pointer({ it: { a: 3 } }), pointer({ it: 3 })]).toEqual(['/it', '/it']);
  });

  it('is told of so many fields and no more', () => {
    const unknown = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, 1]));
    expect(pointersOf(unknown(MAX_PROBLEMS))).toHaveLength(MAX_PROBLEMS);
    expect(pointersOf(unknown(MAX_PROBLEMS + 1))).toHaveLength(MAX_PROBLEMS);
  });
});

describe('what has too many entries', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, '1']));

  it.each([
    ['labels of a node', (n: number) => node({ labels: many(n) }), MAX_NODE_LABELS, '/nodes/1/labels'],
    ['resources of a node', (n: number) => node({ capacity: many(n) }), MAX_NODE_RESOURCES, '/nodes/1/capacity'],
    [
      'labels of a match',
      (n: number) => ({ behaviours: [{ match: { labels: many(n) } }] }),
      MAX_MATCH_LABELS,
      '/behaviours/0/match/labels',
    ],
    ['components', (n: number) => ({ components: many(n) }), COMPONENTS, '/components'],
    ['manifests', (n: number) => ({ manifests: Array(n).fill('') }), MAX_MANIFESTS, '/manifests'],
  ])('is refused as a whole, and costs nothing more: %s', (_, body, limit, pointer) => {
    expect(pointersOf(body(limit))).not.toContain(pointer);
    expect(pointersOf(body(limit + 1))).toEqual([pointer]);
    // What a body has room for: each entry on its own would take seconds, or more calls than a stack holds.
    expect(problemsOf(body(MAX_BODY_BYTES / 12))).toHaveLength(1);
  });
});
