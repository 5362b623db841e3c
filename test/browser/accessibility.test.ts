/** axe-core finds nothing on any of the page's views, by day and by night, narrow and wide. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { CHROMIUM, CHROMIUM_ARGS } from './readers.ts';

/** All that a view can show: pods that run, one that waits, a warning, a node that is cordoned, a service, a namespace. */
const MANIFESTS = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx, resources: {requests: {cpu: 2}}}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: never, namespace: shop}
spec:
  replicas: 1
  selector: {matchLabels: {ready: never}}
  template:
    metadata: {labels: {ready: never}}
    spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: big}
spec: {containers: [{name: web, image: nginx, resources: {requests: {cpu: 600}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;

describe.skipIf(!CHROMIUM)('the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diorama-axe-'));
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

  async function violations(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
  }

  const accents = ['', '&accent=%23ffee00'];

  describe.each(['light', 'dark'] as const)('%s', (theme) => {
    it.each([
      [680, 420],
      [330, 420],
      [1280, 800],
    ])('has nothing that axe finds, at %i × %i', async (width, height) => {
      const page = await browser.newPage({ viewport: { width, height } });
      page.setDefaultTimeout(60_000);
      const found: Record<string, string[]> = {};
      const shot = async (name: string): Promise<void> => {
        found[name] = await violations(page);
        if (process.env.SCREENSHOTS)
          await page.screenshot({ path: join(process.env.SCREENSHOTS, `${width}-${theme}-${name}.png`) });
      };
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.goto(server.url);
      await shot('welcome');
      const accent = accents[width === 330 ? 1 : 0];
      await page.goto(
        `${server.url}/embed/new?theme=${theme}#loading=click${accent}&manifests=${encodeURIComponent(MANIFESTS)}`,
      );
      await page.locator('#panel-actions button').waitFor();
      await shot('start');
      await page.locator('#panel-actions button').click();
      await page.locator('[data-phase=live]').waitFor();
      await page.locator('#waiting .why', { hasText: '3 nodes: not enough cpu' }).waitFor();
      await page.locator('.chip', { hasText: 'never' }).first().waitFor();
      await page.locator('#dock .run').nth(1).click();
      await page.locator('.pod[data-state=running]').nth(5).waitFor();
      await shot('map');
      await page.locator('.pod').first().click();
      await page.locator('#facts dd').first().waitFor();
      await shot('inspector');
      await page.keyboard.press('Escape');
      for (const view of ['events', 'services', 'terminal']) {
        await page.locator(`#tab-${view}`).click();
        await page.locator(`#view-${view} .name, #view-${view} code`).first().waitFor();
        await shot(view);
      }
      await page.goto(`${server.url}/embed/abcdefghij?theme=${theme}#secret`);
      await page.locator('#panel-title', { hasText: 'There is no such sandbox' }).waitFor();
      await shot('end');
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
      await page.close();
    });
  });
});
