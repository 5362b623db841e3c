/** The door `/`: the first page and the embed, with nothing from another origin and no cookie. */
import { type Context, Hono } from 'hono';
import { CLIENT, CLIENT_HASH, STYLE, STYLE_HASH } from './assets.gen.ts';
import { ICON, page } from './page.ts';

const scriptUrl = `/ui/${CLIENT_HASH}.js`;
const styleUrl = `/ui/${STYLE_HASH}.css`;

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
  'x-content-type-options': 'nosniff',
});

/** The address changes with the contents, so a browser may keep them. */
const asset = (c: Context, body: string, type: string): Response =>
  c.body(body, 200, {
    'content-type': type,
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  });

export const siteApp = new Hono();

siteApp.get('/', (c) => c.body(page({ embedded: false, scriptUrl, styleUrl }), 200, pageHeaders("'none'")));
siteApp.get('/embed/:id', (c) => c.body(page({ embedded: true, scriptUrl, styleUrl }), 200, pageHeaders('*')));
siteApp.get(scriptUrl, (c) => asset(c, CLIENT, 'text/javascript; charset=utf-8'));
siteApp.get(styleUrl, (c) => asset(c, STYLE, 'text/css; charset=utf-8'));
siteApp.get('/ui/icon.svg', (c) => asset(c, ICON, 'image/svg+xml'));
