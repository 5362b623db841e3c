/** agnhost nettest: keeps who has written to it, and tells it. Of other pods it asks nobody here. */
import { Exit, type Program } from '../../program.ts';
import type { HttpRequest, HttpResponse } from '../../programs/http.ts';
import { textResponse } from '../../programs/http-server.ts';
import { flag, serverProgram } from '../served.ts';

/** Who has written that is remembered. */
export const MAX_SOURCES = 10_000;

class NetTest {
  readonly #hostname: string;
  readonly #received = new Map<string, number>();
  readonly #errors: string[] = [];

  constructor(hostname: string) {
    this.#hostname = hostname;
  }

  read(): string {
    const state = {
      Hostname: this.#hostname,
      Sent: null,
      Received: this.#received.size > 0 ? Object.fromEntries(this.#received) : null,
      Errors: this.#errors.length > 0 ? this.#errors : null,
      Log: null,
      StillContactingPeers: true,
    };
    return JSON.stringify(state, undefined, '\t');
  }

  write({ body }: HttpRequest): string {
    const source = sourceOf(body);
    if (source === '') this.#fault(`${this.#hostname}: Got request with no source`);
    else if (this.#received.has(source) || this.#received.size < MAX_SOURCES)
      this.#received.set(source, (this.#received.get(source) ?? 0) + 1);
    return `${JSON.stringify({ Hostname: this.#hostname })}\n`;
  }

  status(peers: number): string {
    return peers === 0 && this.#received.size >= peers ? 'pass' : 'running';
  }

  #fault(words: string): void {
    if (this.#errors.length < MAX_SOURCES) this.#errors.push(words);
  }
}

function sourceOf(body: string): string {
  try {
    const { Source: source } = JSON.parse(body) as { Source?: unknown };
    return typeof source === 'string' ? source : '';
  } catch {
    return '';
  }
}

export const nettest: Program = serverProgram(
  (process) => {
    const args = process.args.slice(2);
    const test = new NetTest(process.hostname());
    const answers: Readonly<Record<string, (request: HttpRequest) => HttpResponse>> = {
      '/quit': () => {
        throw new Exit(0);
      },
      '/read': () => textResponse(test.read()),
      '/write': (request) => textResponse(test.write(request)),
      '/status': () => textResponse(test.status(Number(flag(args, 'peers') ?? 8))),
    };
    return {
      ports: [Number(flag(args, 'port') ?? 8080)],
      answer: (request) => answers[request.path]?.(request) ?? textResponse('404 page not found\n', 404),
    };
  },
  { ending: { status: 2 } },
);
