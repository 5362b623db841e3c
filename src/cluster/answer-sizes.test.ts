import { expect, it } from 'vitest';
import { MAX_KNOWN_QUESTIONS, MAX_QUESTION_LENGTH } from '../platform/limits.ts';
import { LIGHT_BYTES } from '../simulation/held-bytes.ts';
import { AnswerSizes } from './answer-sizes.ts';

const LIST = new URL('https://a/api/v1/pods');
const by = (method: string): Request => new Request('https://a', { method });
const GET = by('GET');
const HEAVY = LIGHT_BYTES + 1;

it('remembers how large the answer to the same question was', () => {
  const sizes = new AnswerSizes();
  const expected = (path: string, id = 'a', request = GET) => sizes.expected(id, request, new URL(path, LIST));
  expect(expected('/api/v1/pods')).toBe(0);
  sizes.remember('a', GET, LIST, HEAVY);
  expect(expected('/api/v1/pods')).toBe(HEAVY);
  expect(expected('/api/v1/pods?fieldSelector=a')).toBe(0);
  expect(expected('/api/v1/pods', 'b')).toBe(0);
  sizes.remember('a', GET, LIST, LIGHT_BYTES);
  expect(expected('/api/v1/pods')).toBe(0);
});

it('supposes as much of other questions to the same place, if it is the same that is read for them', () => {
  const sizes = new AnswerSizes();
  sizes.remember('a', GET, LIST, HEAVY);
  const possible = (path: string, method: string) => sizes.possible('a', by(method), new URL(path, LIST));
  expect(possible('/api/v1/pods?fieldSelector=a', 'GET')).toBe(HEAVY);
  expect(possible('/api/v1/pods', 'DELETE')).toBe(HEAVY);
  expect(possible('/api/v1/pods', 'POST')).toBe(0);
  // What is created says nothing of what there is.
  sizes.remember('a', by('POST'), LIST, 0);
  expect(possible('/api/v1/pods', 'GET')).toBe(HEAVY);
});

it('does not remember a question that is very long', () => {
  const sizes = new AnswerSizes();
  const url = (length: number) => new URL(`/${'x'.repeat(length - 'a /'.length)}`, LIST);
  for (const length of [MAX_QUESTION_LENGTH, MAX_QUESTION_LENGTH + 1])
    sizes.remember('a', GET, url(length), 2 * LIGHT_BYTES);
  expect(sizes.expected('a', GET, url(MAX_QUESTION_LENGTH))).toBe(2 * LIGHT_BYTES);
  expect(sizes.expected('a', GET, url(MAX_QUESTION_LENGTH + 1))).toBe(0);
});

it('remembers so many questions', () => {
  const sizes = new AnswerSizes();
  const url = (i: number) => new URL(`/${i}`, LIST);
  for (let i = 0; i < MAX_KNOWN_QUESTIONS; i++) sizes.remember('a', GET, url(i), HEAVY);
  sizes.remember('a', GET, url(MAX_KNOWN_QUESTIONS), HEAVY);
  expect([0, 1, MAX_KNOWN_QUESTIONS].map((i) => sizes.expected('a', GET, url(i)))).toEqual([0, HEAVY, HEAVY]);
});
