import { expect, it } from 'vitest';
import { invalid as invalidField, MAX_QUOTED, printValue } from './field-error.ts';
import { invalid, MAX_MESSAGE, StatusError } from './status.ts';

it('quotes a value whole up to a length, and cuts what is longer', () => {
  expect(printValue('x'.repeat(MAX_QUOTED))).toBe(`"${'x'.repeat(MAX_QUOTED)}"`);
  expect(printValue('x'.repeat(MAX_QUOTED + 1))).toBe(`"${'x'.repeat(MAX_QUOTED)}" ...`);
  expect(printValue({ a: 'x'.repeat(MAX_QUOTED) })).toHaveLength(MAX_QUOTED + 4);
});

it('holds what an error says to a length', () => {
  expect(new StatusError(400, 'BadRequest', 'x'.repeat(MAX_MESSAGE)).status.message).toHaveLength(MAX_MESSAGE);
  expect(new StatusError(400, 'BadRequest', 'x'.repeat(MAX_MESSAGE + 1)).status.message).toHaveLength(MAX_MESSAGE + 4);
  const errors = Array.from({ length: 1000 }, (_, i) => invalidField(`spec.a[${i}]`, 'x'.repeat(1000)));
  expect(JSON.stringify(invalid('', 'Pod', 'p', errors.slice(0, 3)).status)).toContain('spec.a[2]');
  expect(JSON.stringify(invalid('', 'Pod', 'p', errors).status).length).toBeLessThan(3 * MAX_MESSAGE);
});
