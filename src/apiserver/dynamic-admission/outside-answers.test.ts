import { expect, it } from 'vitest';
import { HeldBytes, LIGHT_BYTES } from '../../simulation/held-bytes.ts';
import { AnswersNeeded, MAX_ANSWERS, OutsideAnswers, type Question } from './outside-answers.ts';

const question = (text: string, answer: string = text): Question<string> => ({
  whom: 'somebody',
  text,
  ask: async () => answer,
});

/** What is missing is asked for, as whoever decides does it. */
async function told(answers: OutsideAnswers, ...questions: Question<string>[]): Promise<string[]> {
  for (;;)
    try {
      return answers.all(questions);
    } catch (error) {
      if (!(error instanceof AnswersNeeded)) throw error;
      await error.fetch();
    }
}

it('knows the same question by whom is asked and what about', async () => {
  const answers = new OutsideAnswers();
  const long = 'x'.repeat(1_000_000);
  expect(await told(answers, question(`${long}a`, '1'), question(`${long}b`, '2'))).toEqual(['1', '2']);
  expect(answers.of(question(`${long}a`))).toBe('1');
  expect(() => answers.of({ ...question(`${long}a`), whom: 'another' })).toThrow(AnswersNeeded);
});

it('asks for so many answers, and has the request end where it takes one more', async () => {
  const answers = new OutsideAnswers();
  for (let i = 0; i < MAX_ANSWERS; i++) await told(answers, question(`${i}`));
  expect(answers.of(question('0'))).toBe('0');
  expect(() => answers.of(question('one more'))).toThrow(
    expect.objectContaining({ status: expect.objectContaining({ code: 504, reason: 'Timeout' }) }),
  );
});

it('counts what it keeps until it ends, and refuses with 429 what there is no room for', async () => {
  const pool = new HeldBytes(8 * LIGHT_BYTES);
  const others = pool.open('others', () => 0, Number.POSITIVE_INFINITY);
  const open = () => pool.open('cluster', () => 0);
  const answers = new OutsideAnswers(open);
  await told(answers, question('light'));
  expect(pool.of('cluster')).toBeGreaterThan(0);
  await told(answers, question('heavy', 'x'.repeat(2 * LIGHT_BYTES)));
  expect(pool.of('cluster')).toBeGreaterThan(2 * LIGHT_BYTES);
  answers.end();
  expect(pool.of('cluster')).toBe(0);

  others.hold(8 * LIGHT_BYTES);
  let now = 0;
  // Each look at the clock is a second later, so that nobody waits in the test.
  const full = new OutsideAnswers(() => pool.open('cluster', () => (now += 1000), Number.POSITIVE_INFINITY));
  expect(await told(full, question('light'))).toEqual(['light']);
  await expect(told(full, question('heavy', 'x'.repeat(LIGHT_BYTES)))).rejects.toMatchObject({ status: { code: 429 } });
});

it('keeps nothing that comes after its end', async () => {
  const pool = new HeldBytes(LIGHT_BYTES);
  const answers = new OutsideAnswers(() => pool.open('cluster', () => 0));
  let answer: (text: string) => void = () => undefined;
  const late: Question<string> = { ...question('late'), ask: () => new Promise((fulfil) => (answer = fulfil)) };
  const asking = told(answers, late).catch((error: unknown) => error);
  await Promise.resolve();
  answers.end();
  answer('too late');
  await new Promise((fulfil) => setTimeout(fulfil, 1));
  expect(pool.total).toBe(0);
  void asking;
});
