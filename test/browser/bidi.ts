/**
 * As much of WebDriver BiDi as these tests need, over Firefox's own remote protocol: Debian's Firefox is none that Playwright can drive.
 * Source: https://www.w3.org/TR/webdriver-bidi/
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MILLISECONDS = 60_000;

/** What keeps a fresh profile from asking, updating and calling home. */
const QUIET: Record<string, unknown> = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
};

type Value = any;

export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  #socket!: WebSocket;
  #next = 1;
  readonly #waiting = new Map<number, { fulfil(value: Value): void; reject(error: Error): void }>();
  readonly #listeners = new Set<(method: string, params: Value) => void>();

  /** `preferences`: of `about:config`. */
  static async launch(executable: string, preferences: Record<string, unknown> = {}): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'diorama-firefox-'));
    const lines = Object.entries({ ...QUIET, ...preferences }).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    writeFileSync(join(profile, 'user.js'), lines.join('\n'));
    const args = ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile, 'about:blank'];
    const child = spawn(executable, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: profile, MOZ_DISABLE_AUTO_SAFE_MODE: '1', MOZ_HEADLESS_WIDTH: '1400' },
    });
    const firefox = new Firefox(child, profile);
    try {
      await firefox.#connect();
    } catch (error) {
      await firefox.close();
      throw error;
    }
    return firefox;
  }

  private constructor(child: ChildProcess, profile: string) {
    this.#process = child;
    this.#profile = profile;
  }

  async #connect(): Promise<void> {
    const address = await new Promise<string>((fulfil, reject) => {
      let text = '';
      const timer = setTimeout(() => reject(new Error(`Firefox did not start: ${text}`)), START_MILLISECONDS);
      this.#process.stderr!.on('data', (chunk) => {
        text += chunk;
        const found = /WebDriver BiDi listening on (ws:\S+)/.exec(text)?.[1];
        if (!found) return;
        clearTimeout(timer);
        fulfil(found);
      });
      this.#process.once('exit', (code) => reject(new Error(`Firefox ended (${code}): ${text}`)));
    });
    this.#socket = new WebSocket(`${address}/session`);
    await new Promise((fulfil, reject) => {
      this.#socket.onopen = fulfil;
      this.#socket.onerror = () => reject(new Error('Firefox took no connection'));
    });
    this.#socket.onmessage = ({ data }) => this.#took(JSON.parse(data));
    await this.send('session.new', { capabilities: {} });
    await this.send('session.subscribe', { events: ['log.entryAdded', 'network.beforeRequestSent'] });
  }

  #took({ id, method, params, result, message }: Value): void {
    if (method) {
      for (const listener of this.#listeners) listener(method, params);
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (result) waiting?.fulfil(result);
    else waiting?.reject(new Error(message));
  }

  /** Answers how to stop. */
  listen(listener: (method: string, params: Value) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A command, as the specification has it. */
  send(method: string, params: Value): Promise<Value> {
    const id = this.#next++;
    return new Promise((fulfil, reject) => {
      this.#waiting.set(id, { fulfil, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  async close(): Promise<void> {
    const ended = new Promise((fulfil) => this.#process.once('exit', fulfil));
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
