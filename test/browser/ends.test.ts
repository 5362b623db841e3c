/** How a sandbox ends, or never begins: in words, with something to press, and with nothing else that looks alive. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { CHROMIUM, CHROMIUM_ARGS } from './readers.ts';

interface Made {
  id: string;
  token: string;
}

describe.skipIf(!CHROMIUM)('a sandbox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'diorama-ends-'));
  let server: LocalServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await startServer({ stateDir: join(folder, 'state') });
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: CHROMIUM_ARGS });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => page?.close());

  const send = (method: string, path: string, token?: string, body?: unknown) =>
    fetch(`${server.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  const make = async (body: unknown = { nodes: 1 }): Promise<Made> =>
    (await send('POST', '/v1/clusters', undefined, body)).json() as Promise<Made>;

  async function look(path: string): Promise<void> {
    page = await browser.newPage({ viewport: { width: 680, height: 420 } });
    page.setDefaultTimeout(60_000);
    await page.goto(`${server.url}${path}`);
  }

  const live = () => page.locator('[data-phase=live]').waitFor();

  /** What is said, once it is; and that nothing else can be pressed. */
  async function told(title: string): Promise<{ text: string; buttons: string[] }> {
    await page.locator('#panel-title', { hasText: title }).waitFor();
    expect(await page.locator('#cluster').evaluate((element) => (element as HTMLElement).inert)).toBe(true);
    return {
      text: (await page.locator('#panel-text').textContent())!,
      buttons: await page.locator('#panel-actions button').allTextContents(),
    };
  }

  it.each([
    ['/embed/abc', 'needs the cluster’s token'],
    ['/embed/new#manifest=x', 'There is no option “manifest”'],
    ['/embed/new#template=basics', 'Templates are not there yet'],
    ['/embed/new#manifests=%E0%A4%A', 'encodeURIComponent'],
    ['/#abc', '/#ID/TOKEN'],
  ])('whose address is not right, is told so: %s', async (path, message) => {
    await look(path);
    expect(await told('This address is not right')).toEqual({
      text: expect.stringContaining(message),
      buttons: ['Start an empty sandbox'],
    });
    await page.locator('#panel-actions button').click();
    await live();
  });

  it('that cannot be made, is told why', async () => {
    await look(`/embed/new#manifests=${encodeURIComponent('a: [')}`);
    expect((await told('This sandbox cannot be made')).text).toContain('/manifests');
    await look('/embed/new#spec=abc');
    expect((await told('This sandbox cannot be made')).text).toContain('raw deflate');
  });

  it('begins without the manifests that were refused, and tells of them until that is closed', async () => {
    const manifests = 'apiVersion: v1\nkind: Pod\nmetadata: {name: A}\nspec: {containers: [{name: a, image: b}]}';
    await look(`/embed/new#manifests=${encodeURIComponent(manifests)}`);
    await live();
    expect(await page.locator('#notice span').textContent()).toMatch(/^Refused: Pod A: Pod "A" is invalid/);
    await page.locator('#notice button').click();
    expect(await page.locator('#notice').isHidden()).toBe(true);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('name');
  });

  it('does not open with a wrong token', async () => {
    const { id } = await make();
    await look(`/embed/${id}#diorama_${id}_wrong`);
    const { text, buttons } = await told('This token does not open it');
    expect([text, buttons]).toEqual(['The token is wrong or has expired.', ['Try again', 'Start an empty sandbox']]);
    expect(await page.locator('#connection').textContent()).toBe('ended');
  });

  it('does not open with the token of another, nor when there is none', async () => {
    const [one, other] = [await make(), await make()];
    await look(`/embed/${one.id}#${other.token}`);
    await told('This token is for something else');
    await look('/embed/abcdefghij#secret');
    await told('There is no such sandbox');
  });

  it('tells that it was deleted, and where it was made for its reader, makes another', async () => {
    page = await browser.newPage();
    const answer = page.waitForResponse((one) => one.url().endsWith('/v1/clusters'));
    await page.goto(`${server.url}/embed/new?theme=light#loading=click`);
    await page.locator('#panel-actions button').click();
    const made = (await (await answer).json()) as Made;
    await live();
    await send('DELETE', `/v1/clusters/${made.id}`, made.token);
    expect((await told('This sandbox was deleted')).buttons).toEqual(['Make a fresh one']);
    await page.locator('#panel-actions button').click();
    await live();
    expect(await page.locator('#panel').isHidden()).toBe(true);
    await page.locator('#dock .run').first().click();
    await page.locator('.node .pod[data-state=running]').nth(2).waitFor();
  });

  it('tells that its time was over', async () => {
    const { id, token } = await make();
    await look(`/embed/${id}#${token}`);
    await live();
    await send('PATCH', `/v1/clusters/${id}`, token, { ttl: 1 });
    expect((await told('This sandbox')).buttons).toEqual(['Start an empty sandbox']);
  });

  it('tells that its server is gone, gives up after a while, and goes on when it is back', async () => {
    const stateDir = join(folder, 'gone');
    let mortal = await startServer({ stateDir });
    const port = Number(new URL(mortal.url).port);
    try {
      page = await browser.newPage();
      page.setDefaultTimeout(60_000);
      await page.clock.install();
      await page.goto(`${mortal.url}/embed/new`);
      await live();
      await page.locator('#dock .run').first().click();
      await page.locator('.pod[data-state=running]').nth(2).waitFor();
      await mortal.kill();
      await page.locator('#connection', { hasText: 'reconnecting' }).waitFor();
      expect(await page.locator('#dock').evaluate((element) => (element as HTMLElement).inert)).toBe(true);
      expect((await told('The server does not answer')).buttons).toEqual(['Try again']);
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      mortal = await startServer({ stateDir, port, bundled: true });
      expect(asked).toEqual([]);
      await page.locator('#panel-actions button').click();
      await live();
      await page.locator('#panel').waitFor({ state: 'hidden' });
      expect(await page.locator('.pod').count()).toBe(3);
      const extended = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
      await page.clock.fastForward('40:00');
      expect((await extended).status()).toBe(200);
    } finally {
      await mortal.stop();
    }
  });

  it('tells that its reader has no network, and goes on by itself when there is one', async () => {
    const { id, token } = await make();
    await look(`/embed/${id}#${token}`);
    await live();
    await page.context().setOffline(true);
    await page.locator('#connection', { hasText: 'reconnecting' }).waitFor();
    await page.context().setOffline(false);
    await live();
    await page.context().setOffline(true);
    page.setDefaultTimeout(60_000);
    await told('The server does not answer');
    await page.context().setOffline(false);
    await live();
    await page.locator('#panel').waitFor({ state: 'hidden' });
  });

  it('with a token that may only look, has nothing that would change it', async () => {
    const { id, token } = await make({
      nodes: 1,
      manifests: [
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'b' }] } },
      ],
    });
    const issued = (await (await send('POST', `/v1/clusters/${id}/tokens`, token, { role: 'view' })).json()) as Made;
    await look(`/embed/${id}#${issued.token}&commands=${encodeURIComponent('kubectl delete pod a')}`);
    await live();
    await page.locator('#dock code').waitFor();
    await page.locator('.pod').click();
    await page.locator('#facts dd').first().waitFor();
    expect(await page.locator('.run').count()).toBe(0);
    expect(await page.locator('#delete-pod').isHidden()).toBe(true);
    await look(`/embed/${id}#${issued.token}`);
    await live();
    await page.locator('body.read-only').waitFor();
    expect(await page.locator('#dock').isHidden()).toBe(true);
  });

  it('with a token for one namespace and for pages of its own, is seen as far as that goes', async () => {
    const { id, token } = await make();
    const path = `/clusters/${id}/api/v1/namespaces`;
    await send('POST', path, token, { metadata: { name: 'shop' } });
    await send('POST', `${path}/shop/pods`, token, {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'a', image: 'b' }] },
    });
    const wanted = { role: 'edit', namespaces: ['shop'], origins: ['https://blog.example'] };
    const issued = (await (await send('POST', `/v1/clusters/${id}/tokens`, token, wanted)).json()) as Made;
    await look(`/embed/${id}#${issued.token}&namespace=shop`);
    await live();
    await page.locator('.node', { hasText: 'node-1' }).locator('.pod', { hasText: 'a' }).click();
    await page.locator('#delete-pod').click();
    await page.locator('.pod').waitFor({ state: 'detached' });
    expect(await page.locator('#inspector-why').textContent()).toBe('It is gone.');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('inspector-title');
    await page.keyboard.press('Escape');
    expect(await page.locator('#inspector').isHidden()).toBe(true);
  });
});
