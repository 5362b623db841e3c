/** What docs/embedding.md and the README say of embeds is done as it stands there, in a page of somebody else's. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type FrameLocator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/local/bundle.ts';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { blogWith } from './blog.ts';
import { CHROMIUM, CHROMIUM_ARGS } from './readers.ts';

const HOST = 'https://lab.example';

interface Snippet {
  language: string;
  text: string;
}

function snippetsOf(file: string): Snippet[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, body]) => ({
    language: language!,
    text: body!,
  }));
}

describe.skipIf(!CHROMIUM)('docs/embedding.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diorama-docs-'));
  const snippets = snippetsOf('docs/embedding.md');
  const used = new Set<Snippet>();
  let server: LocalServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ stateDir: join(folder, 'state') });
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: CHROMIUM_ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The one snippet of the language with these words, at the server that is here. */
  function snippet(language: string, words: string): string {
    const found = snippets.filter((one) => one.language === language && one.text.includes(words));
    expect(found.map(({ text }) => text)).toHaveLength(1);
    used.add(found[0]!);
    return found[0]!.text.replaceAll(HOST, server.url);
  }

  async function read(body: string, act: (frame: FrameLocator, page: Page) => Promise<void>): Promise<void> {
    const blog = await blogWith(body);
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    try {
      await page.goto(blog.url);
      await act(page.frameLocator('iframe'), page);
    } finally {
      await page.close();
      blog.close();
    }
  }

  const live = (frame: FrameLocator) => frame.locator('[data-phase=live]').waitFor();
  const sh = async (text: string): Promise<string> => (await promisify(execFile)('bash', ['-c', text])).stdout.trim();

  it('has three lines that are enough', async () => {
    await read(snippet('html', 'loading="lazy"'), live);
  });

  it('makes an address from manifests and commands', async () => {
    await read(`<script type="module">${snippet('js', 'encodeURIComponent')}</script>`, async (frame) => {
      await live(frame);
      await frame.locator('.pod[data-state=running]').nth(1).waitFor();
      expect(await frame.locator('#dock .line').count()).toBe(2);
      expect(await frame.locator('.run').count()).toBe(1);
      await frame.locator('.run').click();
      await frame.locator('.pod[data-state=running]').nth(4).waitFor();
    });
  });

  it.each([
    ['node -e', { nodes: 2, namespaces: 0 }],
    ['python3 -c', { nodes: 2, namespaces: 1 }],
  ])('packs a spec by %s', async (program, { nodes, namespaces }) => {
    const packed = await sh(snippet('sh', program));
    expect(packed).toMatch(/^[\w-]+$/);
    await read(`<iframe src="${server.url}/embed/new#spec=${packed}"></iframe>`, async (frame) => {
      await live(frame);
      expect(await frame.locator('.node').count()).toBe(nodes);
      const shops = frame.locator('#namespace option', { hasText: 'shop' });
      await expect.poll(() => shops.count(), { timeout: 60_000 }).toBe(namespaces);
    });
  });

  it('has looks', async () => {
    await read(snippet('html', 'theme=dark'), async (frame) => {
      await frame.getByRole('button', { name: 'Start' }).click();
      await live(frame);
      expect(await frame.getByRole('tab').allTextContents()).toEqual(['Map', 'Events']);
      const { scheme, accent } = await frame.locator(':root').evaluate((root) => {
        const { colorScheme, getPropertyValue } = root.style;
        return { scheme: colorScheme, accent: getPropertyValue.call(root.style, '--accent') };
      });
      expect([scheme, accent]).toEqual(['dark', expect.stringContaining('#21734a')]);
    });
  });

  it('tells its height', async () => {
    await read(snippet('html', 'diorama:height'), async (frame, page) => {
      await live(frame);
      await page.waitForFunction(() => {
        const { height } = document.getElementById('lab') as HTMLIFrameElement;
        return height !== '420' && Number(height) > 100;
      });
    });
  });

  it('shows a cluster to readers who may only look', async () => {
    const made = (await (await fetch(`${server.url}/v1/clusters`, { method: 'POST' })).json()) as Record<
      string,
      string
    >;
    const named = (text: string): string =>
      text.replaceAll('ID', made.id!).replaceAll('Bearer TOKEN', `Bearer ${made.token}`);
    const { token } = JSON.parse(await sh(named(snippet('sh', '/tokens')))) as { token: string };
    await read(named(snippet('html', 'VIEW_TOKEN').replace('VIEW_TOKEN', token)), async (frame) => {
      await live(frame);
      await frame.locator('body.read-only').waitFor();
      expect(await frame.locator('.run').count()).toBe(0);
    });
  });

  it('has nothing that was not tried here', () => {
    expect(snippets.filter((one) => !used.has(one))).toEqual([]);
  });

  it('begins with the lines of the README', () => {
    const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').replace(/^ {4}/gm, '');
    expect(lines).toContain(snippets[0]!.text);
  });
});
