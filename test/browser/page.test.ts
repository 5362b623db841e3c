/** The first page in headless Chromium, on a real server. Skipped, with a line, where there is no Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { CHROMIUM, CHROMIUM_ARGS } from './readers.ts';

describe.skipIf(!CHROMIUM)('the first page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diorama-browser-'));
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

  /** A page that remembers what it complained of and whom it asked. */
  async function openPage(width: number, colorScheme: 'light' | 'dark') {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
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
    expect(
      (
        await page.request.get(
          new URL((await page.getByRole('link', { name: 'The API' }).getAttribute('href'))!, server.url).href,
        )
      ).ok(),
    ).toBe(true);
    await page.getByRole('button', { name: 'Make a sandbox' }).click();
    await page.locator('.node').nth(2).waitFor();
    await page.locator('[data-phase=live]').waitFor();
    await page.getByRole('button', { name: /^Run: kubectl create deployment web/ }).click();
    await page.locator('.node .pod[data-state=running]').nth(2).waitFor();
    await page.locator('#counts', { hasText: '3/3 nodes · 3/3 pods' }).waitFor();
    await page.locator('#dock output').first().getByText('deployment.apps/web created').waitFor();
    await page.getByRole('button', { name: /^Run: kubectl expose deployment web/ }).click();
    await page.getByRole('tab', { name: 'Services' }).click();
    await page.locator('#services li', { hasText: 'web' }).getByText('3 ready').waitFor();
    await page.getByRole('tab', { name: 'Events' }).click();
    // The cause leads, and what it brought about stands below it.
    const story = page.locator('#events > li', { hasText: 'ScalingReplicaSet' });
    await story.getByText('Pulling · Pulled · Created · Started ×3').waitFor();
    const told = [
      'ScalingReplicaSet',
      'SuccessfulCreate ×3',
      'Scheduled ×3',
      'Pulling · Pulled · Created · Started ×3',
    ];
    await expect.poll(() => story.locator('b').allTextContents(), { timeout: 60_000 }).toEqual(told);
    await story
      .getByRole('button', { name: /^pod\/web-/ })
      .first()
      .click();
    await page.locator('#facts').getByText('nginx').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#inspector').waitFor({ state: 'hidden' });
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
    await page.getByRole('tab', { name: 'Terminal' }).click();
    const line = await page.locator('#lines code', { hasText: 'kubeconfig' }).first().textContent();
    const [, url, token] = /curl -s (\S+) -H "authorization: Bearer (\S+)"/.exec(line!)!;
    const answer = await fetch(url!, { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('kind: Config')]);
    await context.close();
  });

  it('goes on after a reload, at the address of its sandbox', async () => {
    const { context, page } = await openPage(800, 'light');
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Make a sandbox' }).click();
    await page.getByRole('button', { name: /^Run: kubectl create deployment web/ }).click();
    await page.locator('.pod').nth(2).waitFor();
    await page.reload();
    await page.locator('.pod').nth(2).waitFor();
    await context.close();
  });

  it('tells ages by the time of the cluster', async () => {
    const clock = { start: '2030-01-01T00:00:00Z', paused: true };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'a', image: 'b' }] },
    };
    const send = (method: string, path: string, body: unknown, token?: string) =>
      fetch(server.url + path, {
        method,
        headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
        body: JSON.stringify(body),
      });
    const made = await send('POST', '/v1/clusters', { nodes: 1, clock, manifests: [pod] });
    const { id, token } = (await made.json()) as { id: string; token: string };
    const { context, page } = await openPage(800, 'light');
    page.setDefaultTimeout(60_000);
    await page.goto(`${server.url}/#${id}/${token}`);
    await page.locator('#clock', { hasText: '00:00:00 paused' }).waitFor();
    await page.getByRole('tab', { name: 'Events' }).click();
    const age = page.locator('#events > li', { hasText: 'pod/a' }).locator('time');
    await age.getByText('0s').waitFor();
    await send('PATCH', `/v1/clusters/${id}/clock`, { advance: 1800 }, token);
    // Somebody comes to look.
    await expect
      .poll(
        async () => {
          await page.mouse.move(10, 10);
          await page.mouse.move(300, 300);
          return page.locator('#clock').textContent();
        },
        { timeout: 60_000 },
      )
      .toBe('00:30:00 paused');
    await age.getByText('30m').waitFor();
    await context.close();
  });

  it('keeps the focus when what had it goes away', async () => {
    const { context, page } = await openPage(800, 'light');
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Make a sandbox' }).click();
    await page.locator('[data-phase=live]').waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.className || document.activeElement?.id);
    expect(await focused()).toBe('name');
    await page.getByRole('button', { name: /^Run: kubectl create deployment web/ }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.pod[data-state=running]').nth(2).waitFor();
    expect(await focused()).toBe('run');
    const tile = page.locator('.pod').first();
    const [id, token] = (await page.evaluate(() => location.hash.slice(1))).split('/');
    const name = await tile.getAttribute('data-name');
    await tile.focus();
    await fetch(`${server.url}/clusters/${id}/api/v1/namespaces/default/pods/${name}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    await page.locator(`.pod[data-name="${name}"]`).waitFor({ state: 'detached' });
    expect(await focused()).toMatch(/^(pod|name)/);
    await context.close();
  });

  it('is kept by browsers, and may be had by pages that isolate themselves', async () => {
    const embed = await fetch(`${server.url}/embed/new`);
    const [, script] = /src="(\/ui\/[0-9a-f]{12}\.js)"/.exec(await embed.text())!;
    const asset = await fetch(server.url + script);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    for (const answer of [embed, asset])
      expect([
        answer.headers.get('cross-origin-embedder-policy'),
        answer.headers.get('cross-origin-resource-policy'),
        answer.headers.get('set-cookie'),
      ]).toEqual(['require-corp', 'cross-origin', null]);
  });

  it('may not be framed but as an embed, and runs no script but its own', async () => {
    const policy = async (path: string) => (await fetch(server.url + path)).headers.get('content-security-policy')!;
    expect(await policy('/')).toContain("frame-ancestors 'none'");
    for (const path of ['/embed/x', '/embed/x/', '/embed/new'])
      expect([path, await policy(path)]).toEqual([path, expect.stringContaining('frame-ancestors *')]);
    expect(await policy('/')).toContain("default-src 'none'; script-src 'self'");
  });
});
