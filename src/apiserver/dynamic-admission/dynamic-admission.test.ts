import { expect, it } from 'vitest';
import type { KubeObject } from '../../objects/object.ts';
import { builtIn } from '../../resources/built-in.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { chainOf } from './dynamic-admission.ts';
import { AnswersNeeded, OutsideAnswers } from './outside-answers.ts';
import type { Reinvocation } from './reinvocation.ts';

const request = (): AdmissionRequest => ({
  operation: 'CREATE',
  kind: builtIn('configmaps'),
  subresource: undefined,
  namespace: 'default',
  name: 'a',
  object: { metadata: { name: 'a' } } as KubeObject,
  old: undefined,
});

it('runs what changes objects again, built-in admission first, once somebody has changed one', () => {
  const ran: string[] = [];
  const plugin = (name: string, changes: boolean) => (_: AdmissionRequest, reinvocation: Reinvocation) => {
    ran.push(`${name}${reinvocation.isAgain ? ' again' : ''}`);
    if (changes) reinvocation.isWanted = true;
  };
  const builtInAgain = () => void ran.push('built-in');
  chainOf({ mutating: [plugin('a', false), plugin('b', false)], validating: [] }).mutate(request(), builtInAgain);
  expect(ran.splice(0)).toEqual(['a', 'b']);
  chainOf({ mutating: [plugin('a', false), plugin('b', true)], validating: [] }).mutate(request(), builtInAgain);
  expect(ran).toEqual(['a', 'b', 'built-in', 'a again', 'b again']);
});

it('knows an answer from outside once it has been fetched, and asks side by side', async () => {
  const answers = new OutsideAnswers();
  const asked: string[] = [];
  const ask = (question: string) => ({
    whom: 'somebody',
    text: question,
    ask: async () => {
      asked.push(question);
      return `${question}!`;
    },
  });
  const needed = (() => {
    try {
      answers.all([ask('a'), ask('b')]);
    } catch (error) {
      return error as AnswersNeeded;
    }
  })();
  expect(needed).toBeInstanceOf(AnswersNeeded);
  expect(asked).toEqual([]);
  await needed!.fetch();
  expect(answers.all([ask('a'), ask('b')])).toEqual(['a!', 'b!']);
  expect(() => answers.of(ask('c'))).toThrow(AnswersNeeded);
  expect(asked).toEqual(['a', 'b']);
});
