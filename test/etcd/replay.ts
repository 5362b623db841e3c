/**
 * Runs a recorded case against the gateway in this process and compares the answers. What a run is free to choose (ids, terms, sizes,
 * its key prefix, the revision it starts from) is given a name first, on both sides the same.
 */
import { EtcdProcess } from './process.ts';

type JSONValue = unknown;
type JSONObject = Record<string, JSONValue>;

export interface Step {
  call?: string;
  method?: string;
  body?: JSONValue;
  token?: string;
  stream?: string;
  websocket?: boolean;
  send?: JSONValue[];
  seconds?: number;
  until?: number;
  eventually?: number;
  sleep?: number;
  answer?: JSONValue;
}

export interface Case {
  name: string;
  steps: Step[];
}

const FREE: Record<string, string> = {
  cluster_id: '<id>',
  member_id: '<id>',
  memberID: '<id>',
  leader: '<id>',
  raft_term: '<term>',
  raftTerm: '<term>',
  raftIndex: '<n>',
  raftAppliedIndex: '<n>',
  dbSize: '<n>',
  dbSizeInUse: '<n>',
  dbSizeQuota: '<n>',
  hash: '<hash>',
  hash_revision: '<n>',
  remaining_bytes: '<n>',
  blob: '<blob>',
  authRevision: '<n>',
  peerURLs: '<urls>',
  clientURLs: '<urls>',
};

const BYTES = new Set(['key', 'value', 'range_end', 'keys']);
const NAMES = new Set(['name', 'leader_key']);
const REVISION = /^(rev|revision|start_revision|compact_revision|(min_|max_)?(create|mod)_revision)$/;

class Run {
  readonly prefix = 'xa1b2c3d4/';
  readonly process: EtcdProcess;
  readonly base: number;
  readonly answers: JSONValue[] = [];
  readonly #names = { lease: new Map<string, string>(), token: new Map<string, string>() };

  constructor() {
    this.process = new EtcdProcess();
    // A case starts on a store that has a past.
    for (let i = 0; i < 40; i++) this.process.store.put({ key: 'before', value: String(i) });
    this.base = this.process.store.revision;
  }

  /** A request's templates filled in. */
  request(value: JSONValue): JSONValue {
    if (Array.isArray(value)) return value.map((item) => this.request(item));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.request(item)]));
    }
    if (typeof value !== 'string') return value;
    const repeat = /^repeat:(\d+):(.)$/.exec(value);
    if (repeat) return btoa(repeat[2]!.repeat(Number(repeat[1])));
    if (value.startsWith('b64:')) return btoa(value.slice(4).replaceAll('~', this.prefix));
    const revision = /^\$\{base([+-]\d+)?\}$/.exec(value);
    if (revision) return String(this.base + Number(revision[1] ?? 0));
    const earlier = /^\$\{steps\.(\d+)\.([\w.]+)\}$/.exec(value);
    if (earlier) {
      const path = earlier[2]!.split('.');
      return path.reduce((at, part) => (at as JSONObject)?.[part], this.answers[Number(earlier[1])]);
    }
    return value.replaceAll('~', this.prefix);
  }

  async call(step: Step): Promise<JSONObject> {
    const headers = this.#headers(step);
    const method = step.method ?? 'POST';
    const body = this.request(step.body);
    const content = typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method, headers, ...(method === 'GET' ? {} : { body: content }) };
    let left = (step.eventually ?? 0) * 10;
    for (;;) {
      const response = await this.process.fetch(step.call!, init);
      const answer = await response.text();
      if (response.status === (step.until ?? response.status) || left-- <= 0) {
        return { status: response.status, body: parsed(answer) };
      }
      this.process.advance(0.1);
    }
  }

  /** Opens a stream; the answer is complete when the promise's function is called at the case's end. */
  async stream(step: Step): Promise<() => Promise<JSONObject>> {
    const messages = (step.send ?? []).map((message) => JSON.stringify(this.request(message)));
    const until = step.until ?? Number.POSITIVE_INFINITY;
    if (step.websocket) {
      const socket = await this.process.connect(step.stream!, this.#headers(step));
      for (const message of messages) socket.deliver(message);
      return async () => ({ messages: socket.received.slice(0, until).map(parsed), status: 101 });
    }
    const init = { headers: this.#headers(step), body: messages.join('\n') };
    const response = await this.process.fetch(step.stream!, init);
    const lines = readLines(response);
    await settled();
    return async () => ({ messages: lines.slice(0, until).map(parsed), status: response.status });
  }

  #headers(step: Step): Record<string, string> {
    return step.token === undefined ? {} : { authorization: String(this.request(step.token)) };
  }

  /** An answer with names for what the run chose. */
  answer(value: JSONValue, key = '', parent?: JSONObject): JSONValue {
    if (FREE[key] && !isObject(value)) return FREE[key];
    if (Array.isArray(value)) return value.map((item) => this.answer(item, key, parent));
    if (value !== null && typeof value === 'object') {
      const object = value as JSONObject;
      return Object.fromEntries(
        Object.entries(object).map(([name, item]) => [this.#text(name), this.answer(item, name, object)]),
      );
    }
    if (typeof value !== 'string') return value;
    if (/^(version|storageVersion)$/.test(key) && /^\d+\.\d+/.test(value)) return `${/^\d+\.\d+/.exec(value)![0]}.x`;
    if (REVISION.test(key) && /^\d+$/.test(value)) {
      const distance = Number(value) - this.base;
      const named = Math.abs(distance) < 10_000 && value !== '0';
      return named ? `<base${distance < 0 ? '' : '+'}${distance}>` : value;
    }
    if ((key === 'ID' || key === 'lease') && value.length > 3) return this.#named('lease', value);
    if (key === 'TTL' && parent && 'grantedTTL' in parent && value !== '0' && value !== '-1') return '<ttl>';
    if (key === 'message' && /^(proto:|invalid character|unexpected EOF)/.test(value)) return "<the parser's words>";
    if (key === 'token') return this.#named('token', value);
    const bytes = BYTES.has(key) || NAMES.has(key) ? plain(value) : undefined;
    if (bytes !== undefined && (BYTES.has(key) || bytes.includes(this.prefix))) return `b64:${this.#text(bytes)}`;
    return this.#text(value);
  }

  #named(kind: 'lease' | 'token', value: string): string {
    const names = this.#names[kind];
    if (!names.has(value)) names.set(value, `<${kind}:${names.size + 1}>`);
    return names.get(value)!;
  }

  #text(value: string): string {
    let text = value.replaceAll(this.prefix, '~');
    for (const [lease, name] of this.#names.lease) text = text.replaceAll(BigInt(lease).toString(16), name);
    return text;
  }
}

/** Base64's content, if the text is base64 as an encoder writes it. */
function plain(text: string): string | undefined {
  try {
    const bytes = atob(text);
    return btoa(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function parsed(text: string): JSONValue {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}

/** The lines of a response so far; grows while the response is open. */
function readLines(response: Response): string[] {
  const lines: string[] = [];
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + part).split('\n');
      rest = parts.pop()!;
      lines.push(...parts);
    }
    if (rest !== '') lines.push(rest);
  };
  read();
  return lines;
}

/** Lets everything that is ready run. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));

/** What differs; nothing, if the case passes. */
export async function replay(recorded: Case): Promise<string[]> {
  const run = new Run();
  const got: JSONValue[] = [];
  const streams: { at: number; seconds: number; end: () => Promise<JSONObject> }[] = [];
  for (const step of recorded.steps) {
    if (step.sleep !== undefined) {
      run.process.advance(step.sleep);
      got.push({});
      run.answers.push({});
    } else if (step.stream !== undefined) {
      streams.push({ at: got.length, seconds: step.seconds ?? 3, end: await run.stream(step) });
      got.push(null);
      run.answers.push({});
    } else {
      const answer = await run.call(step);
      got.push(answer);
      run.answers.push(answer.body);
    }
  }
  if (streams.length > 0) {
    run.process.advance(Math.max(...streams.map((stream) => stream.seconds)));
    await settled();
  }
  for (const { at, end } of streams) got[at] = await end();
  const named = got.map((answer) => run.answer(answer));
  return recorded.steps.flatMap((step, i) =>
    step.answer === undefined ? [] : differences(step.answer, named[i], `step ${i}`),
  );
}

function differences(want: JSONValue, got: JSONValue, path: string): string[] {
  if (Array.isArray(want) && Array.isArray(got)) {
    const length = want.length === got.length ? [] : [`${path}: ${got.length} items, want ${want.length}`];
    const items = want.slice(0, got.length).flatMap((item, i) => differences(item, got[i], `${path}[${i}]`));
    return [...length, ...items];
  }
  if (isObject(want) && isObject(got)) {
    const keys = new Set([...Object.keys(want), ...Object.keys(got)]);
    return [...keys].flatMap((key) => {
      if (!(key in got)) return [`${path}.${key}: missing, want ${shown(want[key])}`];
      if (!(key in want)) return [`${path}.${key}: unexpected ${shown(got[key])}`];
      return differences(want[key], got[key], `${path}.${key}`);
    });
  }
  return want === got ? [] : [`${path}: ${shown(got)}, want ${shown(want)}`];
}

function isObject(value: JSONValue): value is JSONObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function shown(value: JSONValue): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 160);
}
