import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export type Answer = Record<string, any>;

/** The server, and who it is after each kill. */
export class Server {
  url = '';
  #process: ChildProcess | undefined;
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'server.ts'), this.#file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    const port = await new Promise<string>((resolve) => child.stdout!.once('data', (data) => resolve(String(data))));
    this.url = `http://127.0.0.1:${port.trim()}/v3`;
  }

  async kill(): Promise<void> {
    const child = this.#process!;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async call(path: string, body: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return (await response.json()) as Answer;
  }
}
