/** One recorded life lived again: a cluster of its own, what the case makes and does, and what is seen of it. */
import type { SteppedCluster } from '../../src/cluster/stepped-cluster.node.ts';
import type { LooseObject } from '../loose-object.ts';
import { Normal, timeless } from './normal.ts';

export const TOKEN = 'lives-admin';
/** How often a condition is looked at, and how long one is waited for; milliseconds of the cluster's time. */
const LOOK_MS = 100;
const PATIENCE_MS = 60_000;
const TIMEOUT_MS = 90_000;
/** What is still seen once the end has been reached. */
const AFTERWARDS_MS = 700;

interface Answer {
  status: number;
  text: string;
}

export class Life {
  readonly #case: LooseObject;
  readonly #cluster: SteppedCluster;
  readonly #namespace: string;
  readonly #normal: Normal;
  readonly #isMany: boolean;
  readonly #given: Set<string>;
  readonly #aliases = new Map<string, string>();
  readonly #pods = new Map<string, LooseObject>();
  readonly #gone = new Set<string>();
  readonly #events = new Map<string, LooseObject>();
  readonly #states: { at: number; state: LooseObject }[] = [];

  constructor(recorded: LooseObject, cluster: SteppedCluster) {
    this.#case = recorded;
    this.#cluster = cluster;
    this.#namespace = `case-${recorded.name}`;
    this.#normal = new Normal(this.#namespace);
    this.#isMany = 'workload' in recorded || (recorded.others ?? []).length > 0;
    const pods = [recorded.pod, ...(recorded.others ?? [])].filter((object) => object?.kind === 'Pod');
    this.#given = new Set(pods.map(({ metadata }) => metadata.name));
  }

  async ask(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
    const answer = await this.#cluster.handle(this.#request(method, path, body, type));
    const text = await answer.text();
    await this.#cluster.advance(0);
    return { status: answer.status, text };
  }

  #request(method: string, path: string, body?: unknown, type = 'application/json'): Request {
    const headers = { authorization: `Bearer ${TOKEN}`, accept: 'application/json', 'content-type': type };
    return new Request(`http://cluster${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async live(): Promise<LooseObject> {
    const { name, namespaceLabels: labels, objects = [], others = [], pod, workload } = this.#case;
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: this.#namespace, labels: labels ?? {} },
    };
    await this.ask('POST', '/api/v1/namespaces', namespace);
    await this.#cluster.advance(LOOK_MS);
    for (const object of objects) await this.#create(object);
    await this.#watch('pods', (type, object) => this.#sawPod(type, object));
    await this.#watch('events', (_, object) => this.#events.set(object.metadata.name, object));
    for (const other of others) {
      await this.#create(other);
      await this.#wait({ phase: 'Running' }, PATIENCE_MS / 2);
    }
    const made = this.#cluster.now;
    const created = await this.#create(pod ?? workload);
    const rejected = created.code >= 300 ? created : undefined;
    const results = rejected ? [] : await this.#act();
    const { until, timeout } = this.#case;
    if (!rejected && until) await this.#wait(until, timeout === undefined ? TIMEOUT_MS : timeout * 1000);
    await this.#cluster.advance(AFTERWARDS_MS);
    const logs = await this.#logs();
    const seen = {
      name,
      ...(results.length > 0 ? { actions: this.#named(this.#normal.of(results)) } : {}),
      ...(rejected ? { rejected: this.#normal.of(rejected) } : {}),
      states: this.#named(this.#states.map(({ state }) => state)),
      events: this.#named([...this.#events.values()].map((event) => this.#normal.of(this.#told(event)))),
      ...(Object.keys(logs).length > 0 ? { logs: this.#normal.of(logs) } : {}),
      seconds: this.#states.map(({ at }, i) => Math.round((at - (this.#states[i - 1]?.at ?? made)) / 1000)),
    };
    return seen;
  }

  async #create(object: LooseObject): Promise<LooseObject> {
    const base = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`;
    const path = `${base}/namespaces/${this.#namespace}/${object.kind.toLowerCase()}s`;
    const { status, text } = await this.ask('POST', path, JSON.parse(this.#filled(JSON.stringify(object))));
    return status >= 300 ? { code: status, body: JSON.parse(text) } : { code: status };
  }

  #filled(text: string): string {
    return text.replaceAll('{pod}', this.#pod).replaceAll('{ns}', this.#namespace);
  }

  get #pod(): string {
    return [...this.#pods.keys()].at(-1) ?? this.#case.name;
  }

  /** Reads what the watch sends, as it comes while the cluster's time passes. */
  async #watch(resource: string, sink: (type: string, object: LooseObject) => void): Promise<void> {
    const path = `/api/v1/namespaces/${this.#namespace}/${resource}`;
    const list = JSON.parse((await this.ask('GET', path)).text);
    for (const item of list.items) sink('ADDED', item);
    const query = `watch=1&timeoutSeconds=3600&resourceVersion=${list.metadata.resourceVersion}`;
    const answer = await this.#cluster.handle(this.#request('GET', `${path}?${query}`));
    void this.#read(answer.body!, sink);
  }

  async #read(body: ReadableStream<Uint8Array>, sink: (type: string, object: LooseObject) => void): Promise<void> {
    const decoder = new TextDecoder();
    let left = '';
    for await (const chunk of body) {
      const lines = (left + decoder.decode(chunk, { stream: true })).split('\n');
      left = lines.pop()!;
      for (const line of lines) {
        const { type, object } = JSON.parse(line);
        if (type !== 'BOOKMARK' && type !== 'ERROR') sink(type, object);
      }
    }
  }

  #sawPod(type: string, pod: LooseObject): void {
    const { metadata, spec, status } = pod;
    this.#pods.set(metadata.name, pod);
    const state: LooseObject = this.#isMany ? { pod: this.#alias(metadata.name) } : {};
    if (type === 'DELETED') {
      this.#gone.add(metadata.name);
      state.deleted = true;
    }
    if (metadata.deletionTimestamp) state.deletionGracePeriodSeconds = metadata.deletionGracePeriodSeconds;
    state.generation = metadata.generation;
    if (spec.nodeName) state.nodeName = spec.nodeName;
    if (metadata.finalizers) state.finalizers = metadata.finalizers;
    state.status = this.#normal.of(timeless(status ?? {}));
    const before = this.#states.findLast((each) => each.state.pod === state.pod)?.state;
    if (JSON.stringify(before) !== JSON.stringify(state)) this.#states.push({ at: this.#cluster.now, state });
  }

  #alias(name: string): string {
    if (this.#given.has(name)) return name;
    if (!this.#aliases.has(name)) this.#aliases.set(name, `<pod-${this.#aliases.size + 1}>`);
    return this.#aliases.get(name)!;
  }

  /** With the aliases of generated names in place of them. */
  #named(value: unknown): LooseObject {
    let text = JSON.stringify(value);
    const longestFirst = [...this.#aliases].sort(([a], [b]) => b.length - a.length);
    for (const [name, alias] of longestFirst) text = text.replaceAll(name, alias);
    return JSON.parse(text);
  }

  #told(event: LooseObject): LooseObject {
    const { type, reason, message, count, series, reportingComponent, source, involvedObject } = event;
    return JSON.parse(
      JSON.stringify({
        type,
        reason,
        message,
        count: count || series?.count || 1,
        component: reportingComponent || source?.component,
        fieldPath: involvedObject.fieldPath,
        object: this.#isMany ? `${involvedObject.kind}/${involvedObject.name}` : undefined,
      }),
    );
  }

  async #act(): Promise<LooseObject[]> {
    const done: LooseObject[] = [];
    for (const recorded of this.#case.actions ?? []) {
      const { result: _, reached: __, ...action } = recorded;
      const reached = !action.when || (await this.#wait(action.when, (action.patience ?? 60) * 1000));
      const result = await this.#do(action);
      done.push({ ...action, ...(reached ? {} : { reached }), result });
    }
    return done;
  }

  async #do(action: LooseObject): Promise<LooseObject> {
    if (action.create) return this.#create(action.create);
    const base = `/api/v1/namespaces/${this.#namespace}`;
    if (action.http) {
      const [method, path, body] = action.http;
      const sent = body === undefined || body === null ? undefined : JSON.parse(this.#filled(JSON.stringify(body)));
      const { status, text } = await this.ask(method, base + this.#filled(path), sent, action.contentType);
      return { code: status, body: summary(text) };
    }
    const words: string[] = action.kubectl ?? action.shell.replace('$K ', '').split(' ');
    return this.#kubectl(words.map((word) => this.#filled(word)));
  }

  /** The requests that kubectl makes of some of its commands, and what it prints. */
  async #kubectl([command, ...words]: string[]): Promise<LooseObject> {
    const base = `/api/v1/namespaces/${this.#namespace}`;
    const printed = (stdout: string, stderr = '', code = 0) => ({ code, stdout, stderr });
    switch (command) {
      case 'delete': {
        const [kind, name] = words as [string, string];
        const isForced = words.includes('--force');
        const path = kind === 'job' ? `/apis/batch/v1/namespaces/${this.#namespace}/jobs` : `${base}/${kind}s`;
        const options = isForced ? { gracePeriodSeconds: 0 } : { propagationPolicy: 'Background' };
        await this.ask('DELETE', `${path}/${name}`, options);
        const what = kind === 'job' ? 'job.batch' : kind;
        const how = isForced ? 'force deleted' : 'deleted';
        return printed(`${what} "${name}" ${how} from ${this.#namespace} namespace\n`, isForced ? FORCED : '');
      }
      case 'scale': {
        const path = `/apis/apps/v1/namespaces/${this.#namespace}/${words[0]}s/${words[1]}`;
        const replicas = Number(words[2]!.split('=')[1]);
        await this.ask('PATCH', `${path}/scale`, { spec: { replicas } }, 'application/merge-patch+json');
        return printed(`${words[0]}.apps/${words[1]} scaled\n`);
      }
      case 'logs': {
        const { status, text } = await this.ask('GET', `${base}/pods/${words[0]}/log`);
        if (status === 200) return printed(text);
        const { reason, message } = JSON.parse(text);
        return printed('', `Error from server (${reason}): ${message}\n`, 1);
      }
      case 'exec': {
        const [name, , ...command] = words as [string, string, ...string[]];
        return this.#exec(name, command);
      }
      default:
        throw new Error(`no requests are known for kubectl ${command}`);
    }
  }

  /** As by a session, in the container that kubectl takes by itself. */
  async #exec(pod: string, command: string[]): Promise<LooseObject> {
    const { metadata, spec } = this.#pods.get(pod);
    const target = { namespace: this.#namespace, pod, uid: metadata.uid };
    const machine = this.#cluster.machines.machine(target, this.#cluster.now);
    const session = machine!.exec(spec.containers[0].name, command, { stdin: false, tty: false });
    if ('reason' in session) throw new Error(session.message);
    await this.#cluster.advance(LOOK_MS);
    machine!.advance(this.#cluster.now);
    const said = session.take();
    const of = (stream: string): string =>
      said
        .filter((each) => each.stream === stream)
        .map(({ bytes }) => bytes)
        .join('');
    return { code: session.exitCode, stdout: of('stdout'), stderr: of('stderr') };
  }

  async #wait(condition: LooseObject, patience: number): Promise<boolean> {
    const since = this.#cluster.now;
    for (;;) {
      if (this.#met(condition, since)) return true;
      if (this.#cluster.now - since >= patience) return false;
      await this.#cluster.advance(LOOK_MS);
    }
  }

  #met(condition: LooseObject, since: number): boolean {
    const events = [...this.#events.values()];
    const last = [...this.#pods.values()].at(-1);
    const { status = {} } = last ?? {};
    const statuses: LooseObject[] = [
      ...(status.containerStatuses ?? []),
      ...(status.initContainerStatuses ?? []),
      ...(status.ephemeralContainerStatuses ?? []),
    ];
    const checks: Record<string, (value: any) => boolean> = {
      seconds: (value) => this.#cluster.now - since >= value * 1000,
      deleted: () => this.#gone.size > 0 && [...this.#pods.keys()].every((name) => this.#gone.has(name)),
      event: (reason) =>
        events.filter((event) => event.reason === reason).reduce((sum, event) => sum + (event.count || 1), 0) >=
        (condition.count ?? 1),
      count: () => true,
      pods: (value) => this.#pods.size >= value,
      phase: (value) => (Array.isArray(value) ? value : [value]).includes(status.phase),
      ready: (value) =>
        (status.conditions ?? []).some(
          (c: LooseObject) => c.type === 'Ready' && c.status === (value ? 'True' : 'False'),
        ),
      restarts: (value) => statuses.some((each) => each.restartCount >= value),
      waiting: (value) => statuses.some((each) => each.state.waiting?.reason === value),
      running: (value) => statuses.some((each) => each.name === value && each.state.running),
      terminated: (value) => statuses.some((each) => each.name === value && each.state.terminated),
    };
    return Object.entries(condition).every(([key, value]) => checks[key]!(value));
  }

  async #logs(): Promise<LooseObject> {
    const logs: LooseObject = {};
    for (const [name, { spec }] of this.#pods) {
      if (this.#gone.has(name)) continue;
      for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
        const path = `/api/v1/namespaces/${this.#namespace}/pods/${name}/log?container=${container.name}`;
        const { status, text } = await this.ask('GET', path);
        const message = text.startsWith('{') ? JSON.parse(text).message : text;
        const where = `${this.#isMany ? `${this.#alias(name)}/` : ''}${container.name}`;
        logs[where] = status === 200 ? text : { code: status, message };
      }
    }
    return logs;
  }
}

const FORCED =
  'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n';

/** An answer's body as the recordings keep it. */
function summary(text: string): unknown {
  try {
    const body = JSON.parse(text);
    return body.kind === 'Status' ? body : { kind: body.kind, name: body.metadata?.name };
  } catch {
    return text;
  }
}
