/** Runs one recorded scenario against a cluster in this process and says what differs. */
import type { ContractCluster } from './cluster.ts';
import { type Difference, differences, met, pick, resolve } from './compare.ts';
import { parseJSON } from './json.ts';
import { Placeholders } from './placeholders.ts';

export interface Scenario {
  area: string;
  name: string;
  steps: any[];
  needs?: string[];
  nsLabels?: Record<string, string>;
  noNamespace?: boolean;
}

const SKIPPED_HEADERS = new Set([
  'date',
  'content-length',
  'audit-id',
  'x-kubernetes-pf-flowschema-uid',
  'x-kubernetes-pf-prioritylevel-uid',
  'etag',
  'last-modified',
  'vary',
  'cache-control',
  'transfer-encoding',
  'strict-transport-security',
  'connection',
  'access-control-allow-origin',
  'x-content-type-options',
  'server',
  'accept-ranges',
  'alt-svc',
  'x-request-id',
]);

/** How long polling waits between two looks, milliseconds of the cluster's time. */
const POLL = 200;

/** The differences, one list a step. */
export async function replay(scenario: Scenario, cluster: ContractCluster, namespace: string): Promise<Difference[][]> {
  const got = await run(scenario, cluster, namespace);
  return scenario.steps.map((step, i) => differences(step.answer, got[i], `step ${i}`));
}

async function run(scenario: Scenario, cluster: ContractCluster, ns: string): Promise<any[]> {
  const env = { ns, steps: [] as any[] };
  const answers: any[] = [];
  const watches: { index: number; watch: OpenWatch }[] = [];
  if (!scenario.noNamespace) await makeNamespace(scenario, cluster, ns);
  for (const step of scenario.steps) {
    if (step.watch) {
      const watch = new OpenWatch(cluster, resolve(step.watch, env));
      await watch.opened;
      await cluster.advance(0);
      watches.push({ index: answers.length, watch });
      answers.push(null);
      env.steps.push({});
    } else if (step.sleep !== undefined) {
      await cluster.advance(step.sleep * 1000);
      answers.push({});
      env.steps.push({});
    } else {
      const { seen, answer } = await request(step, cluster, env);
      env.steps.push(seen);
      answers.push(answer);
    }
  }
  for (const { index, watch } of watches) answers[index] = await watch.finish();
  const placeholders = new Placeholders(ns, scenario.area);
  for (const answer of answers) placeholders.learn(answer);
  return answers.map((answer) => placeholders.replace(answer));
}

async function makeNamespace(scenario: Scenario, cluster: ContractCluster, ns: string): Promise<void> {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: ns, labels: scenario.nsLabels ?? {} },
  };
  await (await cluster.fetch('POST', '/api/v1/namespaces', {}, namespace)).text();
  const wanted: string[] = [];
  if (scenario.needs?.includes('serviceaccount')) wanted.push(`/api/v1/namespaces/${ns}/serviceaccounts/default`);
  if (scenario.needs?.includes('root-ca')) wanted.push(`/api/v1/namespaces/${ns}/configmaps/kube-root-ca.crt`);
  for (const path of wanted)
    for (let i = 0; i < 20; i++) {
      const response = await cluster.fetch('GET', path, {}, undefined);
      await response.text();
      if (response.status === 200) break;
      await cluster.advance(50);
    }
}

async function request(step: any, cluster: ContractCluster, env: any): Promise<{ seen: any; answer: any }> {
  const asked = step.request;
  const token = resolve(asked.token ?? '', env);
  const headers = {
    ...(token ? { Authorization: token === 'none' ? null : `Bearer ${token}` } : {}),
    ...resolve(asked.headers ?? {}, env),
  };
  let waited = 0;
  for (;;) {
    const response = await cluster.fetch(asked.method, resolve(asked.path, env), headers, resolve(asked.body, env));
    const body = parse(await wholeBody(response, cluster), response.headers.get('content-type'));
    const done = step.until && met(step.until, response.status, body);
    if (!done && waited < (step.eventually ?? 0) * 1000) {
      waited += POLL;
      await cluster.advance(POLL);
      continue;
    }
    const seen = { status: response.status, body };
    if (step.pick) {
      const picked = Object.fromEntries(step.pick.map((path: string) => [path, pick(body, path.split('.')) ?? null]));
      return { seen, answer: { status: response.status, body: picked } };
    }
    return { seen, answer: { status: response.status, headers: headersOf(response), body } };
  }
}

/** How long a body may take, milliseconds of the cluster's time: a watch's ends with its timeout. */
const LONGEST_BODY = 60_000;

/** All of a body; the cluster's time goes on meanwhile, because a watch asked for as a plain request ends with it. */
async function wholeBody(response: Response, cluster: ContractCluster): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const read = response.arrayBuffer().then((buffer) => {
    bytes = new Uint8Array(buffer);
  });
  await Promise.race([read, cluster.advance(0)]);
  for (let waited = 0; !bytes && waited < LONGEST_BODY; waited += POLL) await cluster.advance(POLL);
  if (!bytes) throw new Error(`the answer did not end within ${LONGEST_BODY / 1000} s`);
  return bytes;
}

function headersOf(response: Response): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of response.headers)
    if (!SKIPPED_HEADERS.has(name)) out[name] = name === 'warning' ? splitWarnings(value) : value;
  return out;
}

/** The warnings that were put together to one header; what does not read as such stays in one piece. */
export function splitWarnings(value: string): string[] {
  const warnings = value.match(/\d{3} \S+ "(?:[^"\\]|\\.)*"/g) ?? [];
  return warnings.join(', ') === value ? warnings : [value];
}

/** JSON, or the text, or what is no text in base 64. */
export function parse(raw: Uint8Array, type: string | null): any {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return { base64: Buffer.from(raw).toString('base64') };
  }
  if (type?.includes('json'))
    try {
      return parseJSON(text.replace(/^\ufeff/, ''));
    } catch {
      // Not JSON after all: compared as text.
    }
  return text;
}

/** How long a watch is looked at where a step does not say, seconds. */
const WATCH_SECONDS = 3;

/** A watch left running beside the next steps. */
class OpenWatch {
  readonly opened: Promise<void>;
  #answer: any = { events: [] };
  #over = false;
  /** The instant after which nothing of it counts, in the cluster's time. */
  #end = Number.POSITIVE_INFINITY;
  #cancel = () => {};
  #asked: any;
  #cluster: ContractCluster;

  constructor(cluster: ContractCluster, asked: any) {
    this.#asked = asked;
    this.#cluster = cluster;
    this.opened = this.#open();
  }

  /** Waits, in the cluster's time, until the events wanted are there, the server is done, or the time is over. */
  async finish(): Promise<any> {
    while (!this.#over && this.#cluster.now < this.#end)
      await this.#cluster.advance(Math.min(100, this.#end - this.#cluster.now));
    this.#over = true;
    this.#cancel();
    return this.#answer;
  }

  async #open(): Promise<void> {
    const response = await this.#cluster.fetch('GET', this.#asked.path, this.#asked.headers ?? {}, undefined);
    const type = response.headers.get('content-type');
    this.#answer.status = response.status;
    this.#answer.type = type;
    if (response.status !== 200) {
      this.#answer.body = parse(await wholeBody(response, this.#cluster), type);
      this.#over = true;
      return;
    }
    this.#end = this.#cluster.now + (this.#asked.seconds ?? WATCH_SECONDS) * 1000;
    const reader = response.body!.getReader();
    this.#cancel = () => void reader.cancel().catch(() => {});
    // What breaks is part of the answer, and no recording has it.
    void this.#collect(reader).catch((error) => {
      this.#answer.error = String(error);
      this.#over = true;
    });
  }

  async #collect(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const limit = this.#asked.until ?? Number.POSITIVE_INFINITY;
    let buffered = '';
    while (!this.#over && this.#answer.events.length < limit) {
      const { done, value } = await reader.read();
      if (done || this.#over || this.#cluster.now > this.#end) break;
      buffered += decoder.decode(value, { stream: true });
      const lines = buffered.split('\n');
      buffered = lines.pop()!;
      for (const line of lines) if (line.trim()) this.#answer.events.push(parseJSON(line));
    }
    this.#over = true;
  }
}
