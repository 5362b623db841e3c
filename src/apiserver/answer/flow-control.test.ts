import { expect, it } from 'vitest';
import { flowControlResponse, MAX_RETRY_AFTER_SECONDS } from './flow-control.ts';

it('says to come back after as many seconds as it takes, and no later than the real one would', () => {
  const seconds = (after: number): string | null => flowControlResponse(after).headers.get('retry-after');
  expect(seconds(MAX_RETRY_AFTER_SECONDS - 1)).toBe(String(MAX_RETRY_AFTER_SECONDS - 1));
  expect(seconds(MAX_RETRY_AFTER_SECONDS)).toBe(String(MAX_RETRY_AFTER_SECONDS));
  expect(seconds(MAX_RETRY_AFTER_SECONDS + 1)).toBe(String(MAX_RETRY_AFTER_SECONDS));
});
