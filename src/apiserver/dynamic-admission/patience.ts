/** For how long whoever writes waits for what is asked outside. */
import { parseDuration } from '../../objects/go-duration.ts';

/** For how long a request waits, milliseconds, however much is asked. Kubernetes' requestTimeoutUpperBound. */
export const MAX_OUTSIDE_MS = 34_000;

const NANOSECONDS_OF_MS = 1_000_000n;

/** For how long a request may wait, milliseconds: what it says itself, where that is less. */
export function patienceOf(query: URLSearchParams): number {
  const said = query.get('timeout');
  const milliseconds = said ? Number(parseDuration(said) / NANOSECONDS_OF_MS) : 0;
  return milliseconds > 0 ? Math.min(milliseconds, MAX_OUTSIDE_MS) : MAX_OUTSIDE_MS;
}
