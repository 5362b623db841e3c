/** What every answer carries, wherever it was made. */

/** No browser is to guess that an answer is a page or a script. What has been upgraded to a WebSocket is no document. */
export function guarded(response: Response): Response {
  return response.webSocket ? response : withHeader(response, 'x-content-type-options', 'nosniff');
}

/** Who carries an answer with a secret keeps nothing of it. */
export function unstored(response: Response): Response {
  const value = response.headers.get('cache-control');
  if (response.webSocket || value?.includes('no-store')) return response;
  return withHeader(response, 'cache-control', value ? `${value}, no-store` : 'no-store');
}

function withHeader(response: Response, name: string, value: string): Response {
  try {
    response.headers.set(name, value);
    return response;
  } catch {
    // The headers of an answer that came from elsewhere cannot be changed.
    const own = new Response(response.body, response);
    own.headers.set(name, value);
    return own;
  }
}
