/** A reader: one page in a browser of one kind, driven in the same way in Chromium and in Firefox. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Frame } from 'playwright-core';
import { Firefox } from './bidi.ts';

const found = (paths: string[]): string | undefined => paths.find((path) => existsSync(path));
export const CHROMIUM = found(['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']);
export const FIREFOX = found(['/usr/bin/firefox-esr', '/usr/bin/firefox']);
for (const [name, path] of Object.entries({ Chromium: CHROMIUM, Firefox: FIREFOX }))
  if (!path) console.log(`no ${name} here: the page is not tried in it`);

export const CHROMIUM_ARGS = ['--no-sandbox', '--disable-gpu'];

export interface Reader {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs a function, which knows nothing but its argument, in the page; or in its frame, the first or the one with this number. */
  inPage<Result, Given>(run: (given: Given) => Result, given?: Given): Promise<Result>;
  inFrame<Result, Given>(run: (given: Given) => Result, given?: Given, frame?: number): Promise<Result>;
  /** Presses the element in the frame as a hand would. */
  click(selector: string, frame?: number): Promise<void>;
  /** Of the window, as PNG. */
  screenshot(file: string): Promise<void>;
  /** Errors that the browser has told of, and the hosts that it has asked. */
  complaints: string[];
  hosts: Set<string>;
  close(): Promise<void>;
}

export interface Readers {
  /** Another reader, who has nothing of those before. */
  next(size?: { width: number; height: number }): Promise<Reader>;
  close(): Promise<void>;
}

/** Starts the browser. `blocked`: nothing may be stored in it, no cookies and no session storage. */
export type Launch = (blocked?: boolean) => Promise<Readers>;

const SIZE = { width: 800, height: 700 };

const expression = (run: unknown, given: unknown): string => `(${run})(${JSON.stringify(given) ?? ''})`;

/** Each reader has a profile: without one Chromium blocks what frames of another site would store. */
const launchChromium: Launch = async (blocked = false) => ({
  next: async (viewport = SIZE) => {
    const folder = mkdtempSync(join(tmpdir(), 'diorama-chromium-'));
    mkdirSync(join(folder, 'Default'));
    // What a fresh desktop has, and what the strictest has.
    const usual = { cookie_controls_mode: 0, block_third_party_cookies: false };
    const profile = blocked ? { default_content_setting_values: { cookies: 2 } } : usual;
    writeFileSync(join(folder, 'Default/Preferences'), JSON.stringify({ profile }));
    const options = { executablePath: CHROMIUM!, args: CHROMIUM_ARGS, viewport };
    const context = await chromium.launchPersistentContext(folder, options);
    context.once('close', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    return chromiumReader(context);
  },
  close: async () => undefined,
});

async function chromiumReader(context: BrowserContext): Promise<Reader> {
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  const frame = async (number: number): Promise<Frame> => {
    const element = await page.waitForSelector(`iframe >> nth=${number}`);
    return (await element.contentFrame())!;
  };
  return {
    goto: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    inPage: (run, given) => page.evaluate(expression(run, given)),
    inFrame: async (run, given, number = 0) => (await frame(number)).evaluate(expression(run, given)),
    click: async (selector, number = 0) => (await frame(number)).locator(selector).first().click(),
    screenshot: async (file) => void (await page.screenshot({ path: file })),
    complaints,
    hosts,
    close: () => context.close(),
  };
}

async function launchFirefox(blocked = false): Promise<Readers> {
  const firefox = await Firefox.launch(FIREFOX!, blocked ? { 'network.cookie.cookieBehavior': 2 } : {});
  return { next: (size = SIZE) => firefoxReader(firefox, size), close: () => firefox.close() };
}

async function firefoxReader(firefox: Firefox, viewport: { width: number; height: number }): Promise<Reader> {
  const { userContext } = await firefox.send('browser.createUserContext', {});
  const { context: top } = await firefox.send('browsingContext.create', { type: 'tab', userContext });
  await firefox.send('browsingContext.activate', { context: top });
  await firefox.send('browsingContext.setViewport', { context: top, viewport });
  const complaints: string[] = [];
  const hosts = new Set<string>();
  const stop = firefox.listen((method, params) => {
    if (method === 'log.entryAdded' && params.level === 'error') complaints.push(params.text);
    if (method === 'network.beforeRequestSent') hosts.add(new URL(params.request.url).host);
  });
  const frame = async (number: number): Promise<string> =>
    (await firefox.send('browsingContext.getTree', { root: top })).contexts[0].children[number]?.context;
  const evaluate = async (context: string, text: string): Promise<any> => {
    const { result, exceptionDetails } = await firefox.send('script.evaluate', {
      expression: `Promise.resolve(${text}).then((value) => JSON.stringify(value))`,
      target: { context },
      awaitPromise: true,
      userActivation: false,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value === undefined ? undefined : JSON.parse(result.value);
  };
  return {
    goto: (url) => firefox.send('browsingContext.navigate', { context: top, url, wait: 'complete' }),
    reload: () => firefox.send('browsingContext.reload', { context: top, wait: 'complete' }),
    inPage: (run, given) => evaluate(top, expression(run, given)),
    inFrame: async (run, given, number = 0) => evaluate(await frame(number), expression(run, given)),
    click: async (selector, number = 0) => {
      const context = await frame(number);
      const located = await firefox.send('browsingContext.locateNodes', {
        context,
        locator: { type: 'css', value: selector },
        maxNodeCount: 1,
      });
      const element = located.nodes[0];
      if (!element) throw new Error(`there is no ${selector}`);
      const origin = { type: 'element', element: { sharedId: element.sharedId } };
      const actions = [
        { type: 'pointerMove', x: 0, y: 0, origin },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      await firefox.send('input.performActions', { context, actions: [{ type: 'pointer', id: 'hand', actions }] });
    },
    screenshot: async (file) => {
      const { data } = await firefox.send('browsingContext.captureScreenshot', { context: top });
      writeFileSync(file, Buffer.from(data, 'base64'));
    },
    complaints,
    hosts,
    close: async () => {
      stop();
      await firefox.send('browser.removeUserContext', { userContext });
    },
  };
}

/** The browsers that are here. */
export const BROWSERS: [string, Launch][] = [
  ...(CHROMIUM ? [['Chromium', launchChromium] as [string, Launch]] : []),
  ...(FIREFOX ? [['Firefox', launchFirefox] as [string, Launch]] : []),
];
