/** For tests: the routes of `/v1/simulate`, with the errors that the platform makes of what they throw. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { PlatformBindings } from '../bindings.ts';
import { invalidBody } from '../http/invalid-body.ts';
import { ProblemError, problemResponse } from '../http/problem.ts';

export function testApp(
  serve: (app: OpenAPIHono<{ Bindings: PlatformBindings }>) => void,
): OpenAPIHono<{ Bindings: PlatformBindings }> {
  const app = new OpenAPIHono<{ Bindings: PlatformBindings }>({
    defaultHook: (result) => {
      if (!result.success) throw invalidBody(result.error);
    },
  });
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error);
    throw error;
  });
  serve(app);
  return app;
}

/** Posts to one path, by nobody in particular. */
export function poster<Body>(
  serve: Parameters<typeof testApp>[0],
  path: string,
): (body: unknown) => Promise<{ status: number; body: Body }> {
  const app = testApp(serve);
  return async (body) => {
    const response = await app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
}
