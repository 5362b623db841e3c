/** The door `/`: the first page and the embed, with nothing from another origin and no cookie. What they load lies in assets/ui/. */
import { Hono } from 'hono';
import { ASSETS, EMBED_PAGE, FIRST_PAGE } from './assets.gen.ts';

/** `frameAncestors`: who may put the page into a frame. */
const pageHeaders = (frameAncestors: string): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; '),
  // The address holds a token behind its #.
  'referrer-policy': 'no-referrer',
});

/** What lets a page that isolates itself have the embed in it, even in a sandboxed frame, which has no origin of its own. */
const FRAMED = {
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'cross-origin',
};

interface Bindings {
  /** The folder assets/. */
  ASSETS: { fetch(url: string): Promise<Response> };
}

export const siteApp = new Hono<{ Bindings: Bindings }>();

siteApp.get('/', (c) => c.body(FIRST_PAGE, 200, pageHeaders("'none'")));
for (const path of ['/embed/:id', '/embed/:id/'])
  siteApp.get(path, (c) => c.body(EMBED_PAGE, 200, { ...pageHeaders('*'), ...FRAMED }));

/** The address changes with the contents, so a browser may keep them. */
for (const [path, type] of Object.entries(ASSETS))
  siteApp.get(path, async (c) => {
    const file = await c.env.ASSETS.fetch(`https://assets${path}`);
    if (!file.ok) throw new Error(`assets${path}: ${file.status}`);
    const headers = { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable', ...FRAMED };
    return new Response(file.body, { headers });
  });
