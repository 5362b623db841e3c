import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../app.ts';
import type { Document } from './openapi-types.ts';
import { docsPage } from './page.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const ORIGIN = 'https://diorama.test';
const document = openApiDocument() as unknown as Document;

const all = (html: string, pattern: RegExp): string[] => [...html.matchAll(pattern)].map(([, found]) => found!);

describe('/docs', () => {
  it('has every operation with its path, its parameters and its errors, and every schema with its fields', async () => {
    const html = await (await worker.fetch(`${ORIGIN}/docs`)).text();
    const ids = all(html, / id="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const sections = html.split('<section class="operation"');
    const sectionOf = (id: string): string => sections.find((section) => section.includes(` id="${id}"`))!;
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(methods)) {
        const section = sectionOf(operation.operationId);
        expect(section.replaceAll('<wbr>', '')).toContain(`${method.toUpperCase()}</span> <span class="path">${path}`);
        for (const { name } of operation.parameters ?? []) expect(section).toContain(`<dt><code>${name}</code>`);
        for (const status of Object.keys(operation.responses))
          expect(section).toMatch(new RegExp(status < '400' ? `Answer ${status}` : `<dt>${status}</dt>`));
        for (const { examples = {} } of Object.values(operation.requestBody?.content ?? {}))
          for (const name of Object.keys(examples)) expect(section).toContain(`: ${name}</summary>`);
      }
    for (const [name, { properties = {} }] of Object.entries(document.components.schemas))
      for (const field of Object.keys(properties))
        expect(sectionOf(`schema-${name}`)).toContain(`<dt><code>${field}</code>`);
  });

  it('links to nothing that is not there', async () => {
    const html = await (await worker.fetch(`${ORIGIN}/docs`)).text();
    const ids = all(html, / id="([^"]+)"/g);
    for (const target of all(html, /href="#([^"]+)"/g)) expect(ids).toContain(target);
    expect([...new Set(all(html, /(?:href|src)="([^#"][^"]*)"/g))].sort()).toEqual(['/', '/v1/openapi.json']);
  });

  it('has no script, and lets a browser run none', async () => {
    const answer = await worker.fetch(`${ORIGIN}/docs`);
    const policy = answer.headers.get('content-security-policy')!;
    const html = await answer.text();
    expect(html).not.toMatch(/<script|javascript:|\son\w+=|\sstyle=/);
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const [style] = all(html, /<style>([^<]*)<\/style>/g);
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
    expect(policy).toContain(btoa(String.fromCharCode(...new Uint8Array(digest))));
  });

  it('is not sent again to whoever has it', async () => {
    const answer = await worker.fetch(`${ORIGIN}/docs`);
    const etag = answer.headers.get('etag')!;
    await answer.body?.cancel();
    expect((await worker.fetch(`${ORIGIN}/docs`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const moved = await worker.fetch(`${ORIGIN}/docs/`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([308, '/docs']);
  });

  it('shows text of the document as text', () => {
    const html = docsPage(
      {
        info: { title: '<b>', description: '`<i>` & "x"' },
        tags: [],
        paths: {},
        components: { schemas: { A: { description: '<script>', properties: { '<img>': { example: '<img>' } } } } },
      },
      '',
    );
    expect(html).not.toMatch(/<b>|<i>|<script>|<img>/);
    expect(html).toContain('<code>&lt;i&gt;</code> &amp; &quot;x&quot;');
  });
});
