/** `/docs`: the platform's API as a page, with nothing from another origin, no script and no cookie. */
import { Hono } from 'hono';
import { encodeBase64 } from '../../simulation/base64.ts';
import { openApiDocument } from '../app.ts';
import type { Document } from './openapi-types.ts';
import { docsPage } from './page.ts';
import { STYLE } from './style.ts';

const sha256 = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));

interface Served {
  html: string;
  headers: Record<string, string>;
}

/** Drawn once: the document does not change while a Worker lives. */
let served: Served | undefined;

async function draw(): Promise<Served> {
  const html = docsPage(openApiDocument() as unknown as Document, STYLE);
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    etag: `"${encodeBase64(await sha256(html))}"`,
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${encodeBase64(await sha256(STYLE))}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
  };
  return { html, headers };
}

export const docsApp = new Hono();

docsApp.get('/docs', async (c) => {
  served ??= await draw();
  const { html, headers } = served;
  return c.req.header('if-none-match') === headers.etag ? c.body(null, 304, headers) : c.body(html, 200, headers);
});
docsApp.get('/docs/', (c) => c.redirect('/docs', 308));
