/** What cannot be read in a query is refused in Go's words, on every verb that reads it. Source: runtime.ParameterCodec and each handler. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MERGE_PATCH, openCluster } from './calls.ts';

const { call, close } = await openCluster();
afterAll(close);

const PATH = '/api/v1/namespaces/default/configmaps';

beforeAll(async () => {
  await call('POST', PATH, { metadata: { name: 'a' }, data: { k: 'v' } });
});

const VERBS: [string, string, unknown?, Record<string, string>?][] = [
  ['GET', PATH],
  ['GET', `${PATH}/a`],
  ['POST', PATH, { metadata: { name: 'b' } }],
  ['PUT', `${PATH}/a`, { metadata: { name: 'a' } }],
  ['PATCH', `${PATH}/a`, { data: { k: 'w' } }, MERGE_PATCH],
  ['DELETE', `${PATH}/a`],
  ['DELETE', PATH],
  ['GET', '/version'],
  ['GET', '/readyz'],
  ['GET', '/nowhere'],
];

it.each(VERBS)('%s %s takes only a duration as its timeout', async (method, path, body, headers) => {
  for (const [timeout, words] of [
    ['abc', 'time: invalid duration "abc"'],
    ['5', 'time: missing unit in duration "5"'],
    ['5x', 'time: unknown unit "x" in duration "5x"'],
  ] as const) {
    const answer = await call(method, `${path}?timeout=${timeout}`, body, headers);
    expect([answer.status, answer.body.reason, answer.body.message]).toEqual([
      400,
      'BadRequest',
      `invalid timeout specified in the request URL - ${words}`,
    ]);
  }
  expect((await call('GET', `${PATH}/a`)).body.data).toEqual({ k: 'v' });
});

it('a watch has its own way to say how long', async () => {
  expect((await call('GET', `${PATH}?watch=true&timeout=abc&limit=x`)).body.message).toContain('strconv.ParseInt');
});

it.each([
  ['GET', 'limit', 'abc', 'invalid syntax'],
  ['GET', 'limit', '', 'invalid syntax'],
  ['GET', 'limit', '1.5', 'invalid syntax'],
  ['GET', 'limit', '9223372036854775808', 'value out of range'],
  ['GET', 'timeoutSeconds', 'x', 'invalid syntax'],
  ['DELETE', 'limit', 'x', 'invalid syntax'],
  ['DELETE', 'gracePeriodSeconds', 'x', 'invalid syntax'],
])('%s refuses %s=%s', async (method, name, value, why) => {
  const { status, body } = await call(method, `${PATH}?${name}=${value}`);
  expect([status, body.message]).toEqual([400, `strconv.ParseInt: parsing "${value}": ${why}`]);
});

it.each([
  ['limit=-1', 200],
  ['limit=9223372036854775807', 200],
  ['pretty=maybe', 200],
  ['allowWatchBookmarks=maybe', 200],
  ['watch=0', 200],
  ['resourceVersion=-1', 400],
  ['resourceVersionMatch=Sometimes', 422],
  ['resourceVersionMatch=Exact&resourceVersion=0', 422],
  // What cannot be read comes before what makes no sense.
  ['resourceVersionMatch=Sometimes&labelSelector=,,', 400],
  ['resourceVersionMatch=Sometimes&fieldSelector=x', 400],
])('GET ?%s is %i', async (query, status) => {
  expect((await call('GET', `${PATH}?${query}`)).status).toBe(status);
});

it.each([
  ['dryRun=Zzz', 'dryRun: Unsupported value: ["Zzz"]: supported values: "All"'],
  [
    'fieldValidation=Zzz',
    'fieldValidation: Unsupported value: "Zzz": supported values: "", "Ignore", "Strict", "Warn"',
  ],
  ['fieldManager=%01', 'fieldManager: Invalid value: "\\x01": invalid character U+0001 (at position 0)'],
])('writes refuse ?%s', async (query, words) => {
  for (const [method, path, body, headers] of VERBS.slice(2, 5)) {
    const answer = await call(method, `${path}?${query}`, body, headers);
    expect([answer.status, answer.body.message]).toEqual([422, expect.stringContaining(words)]);
  }
});

it('a watch that starts from what is there cannot continue a list', async () => {
  const { status, body } = await call('GET', `${PATH}?watch=true&continue=abc`);
  expect([status, body.message]).toEqual([
    422,
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
  ]);
});
