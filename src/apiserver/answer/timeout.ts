/** What takes longer than any request may. */
import { StatusError } from '../../objects/status.ts';

export const timedOut = (): StatusError =>
  new StatusError(
    504,
    'Timeout',
    'Timeout: request did not complete within requested timeout - context deadline exceeded',
    {},
  );
