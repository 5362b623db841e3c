/** A page of somebody else's with one line in it: each reader has a live sandbox of their own, whatever the page or the browser forbids. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, startServer } from '../../scripts/local-server.ts';
import { type Blog, blogWith } from './blog.ts';
import { BROWSERS, type Reader, type Readers } from './readers.ts';

const MANIFESTS = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
`;
const COMMANDS = 'kubectl scale deployment web --replicas=4\nkubectl get pods';
const FRAGMENT = `#manifests=${encodeURIComponent(MANIFESTS)}&commands=${encodeURIComponent(COMMANDS)}`;

const folder = mkdtempSync(join(tmpdir(), 'diorama-embed-'));
let server: LocalServer;
beforeAll(async () => {
  server = await startServer({ stateDir: join(folder, 'state') });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const wait = { timeout: 60_000, interval: 50 };

describe.each(BROWSERS)('in %s, a page of somebody else’s', (name, launch) => {
  const open: { close(): unknown }[] = [];
  let readers: Readers;
  beforeAll(async () => {
    readers = await launch();
  });
  afterAll(() => readers?.close());
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  const line = (fragment = FRAGMENT, attributes = ''): string =>
    `<iframe src="${server.url}/embed/new${fragment}" width="680" height="420" ${attributes}></iframe>`;

  async function read(body: string, headers?: Record<string, string>, from = readers): Promise<Reader> {
    const blog: Blog = await blogWith(body, headers);
    open.push(blog);
    const reader = await from.next();
    open.push(reader);
    await reader.goto(blog.url);
    return reader;
  }

  const running = (reader: Reader, frame = 0): Promise<string[]> =>
    reader
      .inFrame(
        () =>
          document.body.dataset.phase === 'live'
            ? [...document.querySelectorAll<HTMLElement>('.pod[data-state=running]')].map((pod) => pod.dataset.name!)
            : [],
        undefined,
        frame,
      )
      .catch(() => []);

  const isLive = (reader: Reader, pods: number, frame = 0) =>
    expect.poll(async () => (await running(reader, frame)).length, wait).toBe(pods);

  it('with a strict policy has a live sandbox, which answers its reader', async () => {
    const policy = `default-src 'none'; img-src 'self'; frame-src ${server.url}`;
    const reader = await read(line(), { 'content-security-policy': policy });
    await isLive(reader, 2);
    await reader.click('.run');
    await isLive(reader, 4);
    const said = await reader.inFrame(() => document.querySelector('#dock output')?.textContent);
    expect(said).toBe('deployment.apps/web scaled');
    expect(await reader.inFrame(() => document.querySelectorAll('.run').length)).toBe(1);
    expect(await reader.inFrame(() => document.cookie)).toBe('');
    expect(reader.complaints).toEqual([]);
    expect([...reader.hosts].filter((host) => !host.startsWith('127.0.0.1'))).toEqual([new URL(server.url).host]);
  });

  it('finds its sandbox again after a reload, and another reader has another', async () => {
    const reader = await read(line());
    await isLive(reader, 2);
    const before = await running(reader);
    await reader.click('.run');
    await isLive(reader, 4);
    await reader.reload();
    await isLive(reader, 4);
    expect(await running(reader)).toEqual(expect.arrayContaining(before));
    const other = await readers.next();
    open.push(other);
    await other.goto(await reader.inPage(() => location.href));
    await isLive(other, 2);
    expect((await running(other)).filter((name) => before.includes(name))).toEqual([]);
  });

  it('has two sandboxes in two frames of one address, before and after a reload', async () => {
    const reader = await read(line() + line());
    const both = async (): Promise<string[][]> => {
      await isLive(reader, 2);
      await isLive(reader, 2, 1);
      return [await running(reader), await running(reader, 1)];
    };
    const [first, second] = await both();
    expect(first).not.toEqual(second);
    await reader.reload();
    expect(await both()).toEqual([first, second]);
  });

  it('makes its sandbox live on while it is looked at', async () => {
    const spec = deflateRawSync('{"nodes": 1, "ttl": 12}').toString('base64url');
    const reader = await read(line(`#spec=${spec}`));
    await expect.poll(() => reader.inFrame(() => sessionStorage.length).catch(() => 0), wait).toBe(1);
    const [id, token] = await reader.inFrame(() => {
      const { id, token } = JSON.parse(sessionStorage.getItem(sessionStorage.key(0)!)!);
      return [id as string, token as string];
    });
    const expiry = async (): Promise<number> => {
      const answer = await fetch(`${server.url}/v1/clusters/${id}`, { headers: { authorization: `Bearer ${token}` } });
      return Date.parse(((await answer.json()) as { expiresAt: string }).expiresAt);
    };
    const before = await expiry();
    await expect.poll(expiry, { ...wait, timeout: 60_000 }).toBeGreaterThan(before);
  });

  it.each([680, 330])('shows nodes and pods at once, at %i pixels', async (width) => {
    const reader = await read(
      `<iframe src="${server.url}/embed/new${FRAGMENT}" width="${width}" height="420"></iframe>`,
    );
    await isLive(reader, 2);
    if (process.env.SCREENSHOTS) await reader.screenshot(join(process.env.SCREENSHOTS, `embed-${name}-${width}.png`));
    const seen = await reader.inFrame(() => {
      const bottom = document.getElementById('dock')!.getBoundingClientRect().top;
      const isSeen = (element: Element): boolean => element.getBoundingClientRect().bottom <= bottom;
      const strips = [...document.querySelectorAll('*')].filter(
        (element) =>
          element.scrollWidth > element.clientWidth && ['auto', 'scroll'].includes(getComputedStyle(element).overflowX),
      );
      const view = document.getElementById('view-nodes')!;
      return {
        nodes: [...document.querySelectorAll('.node header')].filter(isSeen).length,
        pods: [...document.querySelectorAll('.pod')].filter(isSeen).length,
        header: view.getBoundingClientRect().top,
        strips: strips.map((element) => element.id || element.className),
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      };
    });
    expect(seen).toMatchObject({ strips: [], wide: 0, pods: 2 });
    expect(seen.nodes).toBeGreaterThanOrEqual(width === 680 ? 3 : 2);
    expect(seen.header).toBeLessThan(80);
  });

  it('may forbid it all storage', async () => {
    const strict = await launch(true);
    open.push(strict);
    const reader = await read(line(), {}, strict);
    await isLive(reader, 2);
    const storage = await reader.inFrame(() => {
      try {
        return sessionStorage.length;
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(storage).toBe('SecurityError');
    expect(reader.complaints).toEqual([]);
  });

  it('may put it into a sandboxed frame', async () => {
    const reader = await read(line(FRAGMENT, 'sandbox="allow-scripts"'));
    await isLive(reader, 2);
    expect(await reader.inFrame(() => self.origin)).toBe('null');
    await reader.click('.run');
    await isLive(reader, 4);
    expect(reader.complaints).toEqual([]);
  });

  it('may isolate itself from other origins', async () => {
    const isolation = {
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-opener-policy': 'same-origin',
    };
    const reader = await read(line() + line(FRAGMENT, 'sandbox="allow-scripts"'), isolation);
    await isLive(reader, 2);
    await isLive(reader, 2, 1);
    expect(await running(reader)).not.toEqual(await running(reader, 1));
  });

  it('can wait for its reader’s click', async () => {
    const reader = await read(line(`${FRAGMENT}&loading=click`));
    await expect
      .poll(() => reader.inFrame(() => document.querySelector('#panel-actions')?.textContent).catch(() => ''), wait)
      .toBe('Start');
    // The browser tells a frame of its focus when it comes to it, which may be after the press.
    await reader.inFrame(() => void Object.assign(document, { hasFocus: () => false }));
    await reader.click('#panel-actions button');
    await isLive(reader, 2);
    expect(await reader.inFrame(() => document.activeElement?.id)).toBe('name');
  });

  it('is told how high it is', async () => {
    const listen = `<script>addEventListener('message', ({data, origin}) => { if (data.type === 'diorama:height') window.told = [data.height, origin] })</script>`;
    const reader = await read(line(`${FRAGMENT}&height=auto`) + listen);
    await isLive(reader, 2);
    const told = () => reader.inPage(() => (globalThis as unknown as { told?: [number, string] }).told);
    await expect
      .poll(async () => {
        const inside = await reader.inFrame(() => Math.ceil(document.body.getBoundingClientRect().height));
        return (await told())?.[0] === inside && inside > 100;
      }, wait)
      .toBe(true);
    expect((await told())![1]).toBe(server.url);
  });

  it('gets lines copied, or selected where it forbids the clipboard', async () => {
    const reader = await read(line(FRAGMENT, 'sandbox="allow-scripts"'));
    await isLive(reader, 2);
    await reader.click('#dock .quiet-button');
    await expect
      .poll(() => reader.inFrame(() => document.querySelector('#dock .quiet-button')?.textContent), wait)
      .toMatch(/Copied|Press/);
    const text = await reader.inFrame(
      () => `${document.querySelector('#dock .quiet-button')?.textContent}:${getSelection()}`,
    );
    expect(text).toMatch(/^Copied:|:kubectl scale deployment web --replicas=4$/);
  });
});
