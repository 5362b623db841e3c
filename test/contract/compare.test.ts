import { expect, it } from 'vitest';
import { createContractCluster } from './cluster.ts';
import { differences, met, pick, resolve } from './compare.ts';
import { parseJSON } from './json.ts';
import { Placeholders } from './placeholders.ts';
import { parse, replay, splitWarnings } from './scenario.ts';

const NAMESPACE = 'c0ffee12345';
const UID = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

/** The paths at which texts of JSON differ. */
const paths = (want: string, got: string): string[] =>
  differences(parseJSON(want), parseJSON(got), 'at').map(({ path }) => path);
const replaced = (...answers: unknown[]): any[] => {
  const placeholders = new Placeholders(NAMESPACE, 'lifecycle');
  for (const answer of answers) placeholders.learn(answer);
  return answers.map((answer) => placeholders.replace(answer));
};

it.each([
  ['a value', '{"a":1}', '{"a":2}', ['at.a']],
  ['a type', '{"a":1}', '{"a":"1"}', ['at.a']],
  ['null and nothing', '{"a":null}', '{}', ['at.a']],
  ['what is too much', '{}', '{"a":1}', ['at.a']],
  ['a list’s length, and its items', '[1,2]', '[3]', ['at', 'at[0]']],
  ['a list in place of an object', '{"a":{}}', '{"a":[]}', ['at.a']],
  ['a whole number beyond 2^53', '9007199254740993', '9007199254740992', ['at']],
  ['a key that objects have anyway', '{"a":{"constructor":1}}', '{"a":{}}', ['at.a.constructor']],
  ['a prototype', '{"a":{"__proto__":{"b":1}}}', '{"a":{}}', ['at.a.__proto__']],
])('sees that %s differs', (_, want, got, expected) => {
  expect(paths(want, got)).toEqual(expected);
});

it('takes numbers of the same value for the same, however they are written', () => {
  expect(paths('[1.0, 1e3, 9007199254740993, 0.1]', '[1, 1000, 9007199254740993, 0.10]')).toEqual([]);
});

it('sends numbers as they are written', () => {
  expect(JSON.stringify(resolve(parseJSON('{"a":[1.0,9007199254740993,2]}'), {}))).toBe(
    '{"a":[1.0,9007199254740993,2]}',
  );
});

it('numbers what differs from run to run by where it appears first', () => {
  const [first, second] = replaced(
    { metadata: { uid: UID(1), resourceVersion: '12', name: 'a', namespace: NAMESPACE } },
    { metadata: { uid: UID(2), resourceVersion: '12', ownerReferences: [{ uid: UID(1) }] } },
  );
  expect(first.metadata).toEqual({ uid: '<uid:1>', resourceVersion: '<rv:1>', name: 'a', namespace: '<ns>' });
  expect(second.metadata).toEqual({
    uid: '<uid:2>',
    resourceVersion: '<rv:1>',
    ownerReferences: [{ uid: '<uid:1>' }],
  });
});

it('numbers what is in a value before what is in its key, and keeps every key', () => {
  const [answer] = replaced(JSON.parse(`{"${UID(1)}":"${UID(2)}","__proto__":{"a":"${UID(1)}"}}`));
  expect(Object.entries(answer)).toEqual([
    ['<uid:2>', '<uid:1>'],
    ['__proto__', { a: '<uid:2>' }],
  ]);
});

it('reads cells that tell an age, and no others, as ages', () => {
  const names = ['Name', 'Age', 'Last Schedule', 'Duration', 'First Seen', 'Last Seen'];
  const [table] = replaced({
    columnDefinitions: names.map((name) => ({ name })),
    rows: [{ cells: names.map(() => '5m3s') }, { cells: names.map(() => '<none>') }],
  });
  expect(table.rows[0].cells).toEqual(['5m3s', ...names.slice(1).map(() => '<age>')]);
  expect(table.rows[1].cells).toEqual(names.map(() => '<none>'));
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('reads a body as JSON, as text, or as bytes', () => {
  expect(parse(bytes('{"a":"\ufffd"}'), 'application/json')).toEqual({ a: '\ufffd' });
  expect(parse(bytes('{'), 'application/json')).toBe('{');
  expect(parse(bytes('\ufeffa\ufffd'), 'text/plain')).toBe('\ufeffa\ufffd');
  expect(parse(new Uint8Array([0x22, 0xff, 0x22]), 'application/json')).toEqual({ base64: 'Iv8i' });
});

it('takes warnings apart only where nothing is left over', () => {
  expect(splitWarnings('299 - "a \\"b\\", c", 299 - "d"')).toEqual(['299 - "a \\"b\\", c"', '299 - "d"']);
  expect(splitWarnings('299 - "a", rubbish')).toEqual(['299 - "a", rubbish']);
});

it('picks by what an object has itself, and sorts as ASCII', () => {
  expect(pick({ a: {} }, ['a', 'constructor'])).toBeNull();
  expect(pick({ 'a.b': { c: 1 } }, ['a', 'b', 'c'])).toBe(1);
  // As \u… sorts before every letter.
  expect(pick([{ n: 'z' }, { n: 'é' }, {}], ['*', 'n'])).toEqual(['é', 'z', null]);
});

it('waits until all that it waits for holds', () => {
  const body = { status: { conditions: [{ type: 'Ready', status: 'True' }], replicas: 2 }, items: [1, 2] };
  expect(met({ condition: 'Ready', items: 2, equals: { 'status.replicas': 2 }, has: 'status' }, 200, body)).toBe(true);
  expect(met({ condition: 'Ready', status: 404 }, 200, body)).toBe(false);
  expect(met({ equals: { 'status.replicas': 3 } }, 200, body)).toBe(false);
  expect(met({ has: 'spec' }, 200, body)).toBe(false);
});

const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;
const makes = (name: string) => ({
  request: { method: 'POST', path: SECRETS, body: { metadata: { name } } },
  pick: ['metadata.name'],
  answer: { status: 201, body: { 'metadata.name': name } },
});
const watches = (seconds: number, names: string[]) => ({
  watch: { path: `${SECRETS}?watch=true`, seconds, until: 9 },
  answer: { status: 200, type: 'application/json', events: names },
});

/** The paths of a watch's events that differ, where one object is made at once and one five seconds after the watch began. */
async function watched(seconds: number, names: string[]): Promise<string[]> {
  const cluster = await createContractCluster('protocol');
  const steps = [watches(seconds, names), makes('a'), { sleep: 5, answer: {} }, makes('b')];
  const found = await replay({ area: 'protocol', name: 'watch', steps }, cluster, NAMESPACE);
  cluster.close();
  expect(found.slice(1).flat()).toEqual([]);
  return found[0]!.map(({ path, text }) => `${path}: ${text}`.slice(0, 40));
}

it('looks at a watch for as long as it says, and no longer', async () => {
  expect((await watched(3, [''])).map((text) => text.slice(0, 17))).toEqual(['step 0.events[0]:']);
  expect(await watched(3, [])).toEqual(['step 0.events: 1 items, want 0']);
  expect(await watched(9, [])).toEqual(['step 0.events: 2 items, want 0']);
});
