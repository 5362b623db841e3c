/** `/docs` in headless Chromium: by day and by night, wide and narrow. Skipped, with a line, where there is no Chromium. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!CHROMIUM) console.log('no Chromium here: /docs is not tried in a browser');

describe.skipIf(!CHROMIUM)('/docs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diorama-docs-'));
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

  /** Each width and each colour scheme once: it takes long. */
  const LOOKED_AT = ['360 dark', '1280 light'];

  /** What axe finds, through the debugger, since the page's policy allows no script. */
  async function violations(page: Page): Promise<string[]> {
    const found = (await page.evaluate(`${axe.source}; axe.run(document, { iframes: false })`)) as {
      violations: { id: string; nodes: { failureSummary: string; html: string }[] }[];
    };
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.failureSummary} ${nodes[0]!.html}`);
  }

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)(
    'is whole, fits and is accessible at %i px, %s',
    async (width, colorScheme) => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
      const page = await context.newPage();
      const complaints: string[] = [];
      const hosts = new Set<string>();
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('request', (request) => hosts.add(new URL(request.url()).host));
      await page.goto(`${server.url}/docs`);
      expect(await page.locator('h1').count()).toBe(1);
      // What is folded is looked at as well.
      await page.locator('details').evaluateAll((folds) => {
        for (const fold of folds) fold.setAttribute('open', '');
      });
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      ).toBe(0);
      expect([...hosts]).toEqual([new URL(server.url).host]);
      if (LOOKED_AT.includes(`${width} ${colorScheme}`)) expect(await violations(page)).toEqual([]);
      await page.getByRole('link', { name: 'POST /v1/clusters', exact: true }).click();
      expect(new URL(page.url()).hash).toBe('#createCluster');
      if (process.env.SCREENSHOTS)
        await page.screenshot({ path: join(process.env.SCREENSHOTS, `docs-${width}-${colorScheme}.png`) });
      expect(complaints).toEqual([]);
      await context.close();
    },
    180_000,
  );
});
