import { expect, it } from 'vitest';
import { MAX_FIELD_ERRORS, required, validated } from './field-error.ts';

const errors = (count: number) => Array.from({ length: count }, (_, i) => required(`spec.list[${i}].name`));

it('finds so many errors in one object, and tells those that it found', () => {
  expect(validated(() => errors(MAX_FIELD_ERRORS))).toHaveLength(MAX_FIELD_ERRORS);
  const over = validated(() => errors(MAX_FIELD_ERRORS * 10));
  expect([over.length, over[0]!.field]).toEqual([MAX_FIELD_ERRORS + 1, 'spec.list[0].name']);
  expect(errors(MAX_FIELD_ERRORS * 2)).toHaveLength(MAX_FIELD_ERRORS * 2);
});
