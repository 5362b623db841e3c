/** The first page in headless Chromium, on a real server. Skipped, with a line, where there is no Chromium. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!CHROMIUM) console.log('no Chromium here: the page is not tried in a browser');

describe.skipIf(!CHROMIUM)('the first page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diorama-browser-'));
  let server: LocalServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer({ stateDir: join(folder, 'state') });
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page that remembers what it complained of and whom it asked. */
  async function openPage(width: number, colorScheme: 'light' | 'dark') {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const complaints: string[] = [];
    const origins = new Set<string>();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => origins.add(new URL(request.url()).host));
    return { context, page, complaints, origins };
  }

  const overflow = (page: Page): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)('makes a sandbox and shows it live, at %i px, %s', async (width, scheme) => {
    const { context, page, complaints, origins } = await openPage(width, scheme);
    await page.goto(server.url);
    expect(await overflow(page)).toBe(0);
    await page.getByRole('button', { name: 'Make a sandbox' }).click();
    await page.locator('.node').nth(2).waitFor();
    await page.locator('#connection[data-live=true]').waitFor();
    expect(await page.locator('#node-count').textContent()).toBe('3/3');
    await page.getByRole('button', { name: 'Deploy web' }).click();
    await page.locator('.node .pod[data-state=running]').nth(2).waitFor();
    await page.getByRole('button', { name: 'Expose web' }).click();
    await page.locator('#services li', { hasText: 'web' }).getByText('3 ready').waitFor();
    await page.locator('#events li', { hasText: 'Scheduled' }).first().waitFor();
    await page.locator('.node .pod').first().click();
    await page.locator('#pod-facts').getByText('nginx').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
    expect([...origins]).toEqual([new URL(server.url).host]);
    expect(await context.cookies()).toEqual([]);
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: join(process.env.SCREENSHOTS, `page-${width}-${scheme}.png`), fullPage: true });
    await context.close();
  });

  it('shows the lines that work in a terminal', async () => {
    const { context, page } = await openPage(1280, 'light');
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Make a sandbox' }).click();
    const line = await page.locator('.line code', { hasText: 'kubeconfig' }).first().textContent();
    const [, url, token] = /curl -s (\S+) -H "authorization: Bearer (\S+)"/.exec(line!)!;
    const answer = await fetch(url!, { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('kind: Config')]);
    await context.close();
  });

  it('opens an existing cluster in a frame of another site, and goes on after a reload', async () => {
    const made = await fetch(`${server.url}/v1/clusters`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nodes: 2 }),
    });
    const { id, token } = (await made.json()) as { id: string; token: string };
    const { context, page, complaints } = await openPage(800, 'light');
    const frameOf = `<iframe src="${server.url}/embed/${id}#${token}" width="780" height="700"></iframe>`;
    const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end(frameOf)).listen(
      0,
      '127.0.0.1',
    );
    await once(site, 'listening');
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/course.html`);
    const frame = page.frameLocator('iframe');
    await frame.locator('.node').nth(1).waitFor();
    expect(await frame.locator('.node').count()).toBe(2);
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
    site.close();
    await page.goto(`${server.url}/#${id}/${token}`);
    await page.reload();
    await page.locator('.node').nth(1).waitFor();
    await context.close();
  });

  it('may not be framed but as an embed, and runs no script but its own', async () => {
    const policy = async (path: string) => (await fetch(server.url + path)).headers.get('content-security-policy')!;
    expect(await policy('/')).toContain("frame-ancestors 'none'");
    expect(await policy('/embed/x')).toContain('frame-ancestors *');
    expect(await policy('/')).toContain("default-src 'none'; script-src 'self'");
  });
});
