/** What every answer carries, wherever it was made. */
import { isCrossOrigin, SHARED } from './cross-origin.ts';

const GUARD = { 'x-content-type-options': 'nosniff' };

/**
 * No browser is to guess that an answer is a page or a script, and a page of any origin may read it. What has been upgraded to a
 * WebSocket is no document.
 */
export function guarded(request: Request, response: Response): Response {
  if (response.webSocket) return response;
  if (!isCrossOrigin(request)) return withHeaders(response, GUARD);
  const vary = response.headers.get('vary');
  return withHeaders(response, { ...GUARD, ...SHARED, vary: vary ? `${vary}, origin` : 'origin' });
}

/** Who carries an answer with a secret keeps nothing of it. */
export function unstored(response: Response): Response {
  const value = response.headers.get('cache-control');
  if (response.webSocket || value?.includes('no-store')) return response;
  return withHeaders(response, { 'cache-control': value ? `${value}, no-store` : 'no-store' });
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const set = (target: Response): Response => {
    for (const [name, value] of Object.entries(headers)) target.headers.set(name, value);
    return target;
  };
  try {
    return set(response);
  } catch {
    // The headers of an answer that came from elsewhere cannot be changed.
    return set(new Response(response.body, response));
  }
}
