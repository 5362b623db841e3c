/** The limits that a local server is started with. Loaded only when there are any: it brings a validator along. */

import { LOCAL_RATES } from '../../src/platform/limits.ts';
import { parseRates } from '../../src/platform/rates/rates.ts';

/** The text itself. @throws Error that says in a line what is wrong with it. */
export function checkedLimits(text: string): string {
  try {
    parseRates(text, LOCAL_RATES);
    return text;
  } catch (error) {
    throw new Error(`The limits cannot be used: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`);
  }
}
