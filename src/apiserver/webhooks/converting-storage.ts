/**
 * The storage of one request for custom resources that a webhook converts: what is read comes in the version that is asked for, each read
 * by one call, and what is proposed goes into the store in the version that this holds. So all between is as with any other kind.
 */
import { storagePrefix } from '../../catalog/kinds.ts';
import type { KeyValue, RangeRequest, RequestOp, Value, WatchBatch, WatchRequest } from '../../etcd/types.ts';
import type { JSONObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/object.ts';
import type { CallWebhook } from '../../objects/webhook-call.ts';
import type { Draws } from '../../simulation/draws.ts';
import { type Holding, LIGHT_BYTES } from '../../simulation/held-bytes.ts';
import { tooManyRequests } from '../answer/flow-control.ts';
import { coerce } from '../custom/coerce.ts';
import type { CustomlyKind } from '../custom/decode.ts';
import { completed, type ShownKeyValue, versionOf } from '../custom/stored.ts';
import { readView } from '../pipeline.ts';
import type { Outcome, Proposal, ReadResult, Storage, WatchStream } from '../storage/storage.ts';
import { parseAsStored, storedText } from '../storage/stored.ts';
import { UnreadableError } from '../storage/unreadable.ts';
import { type ConversionPorts, convertObjects } from './conversion.ts';

export class ConvertingStorage implements Storage {
  readonly isReadOnly: boolean;
  readonly draws: Draws;
  readonly held?: Holding;
  readonly #storage: Storage;
  readonly #kind: CustomlyKind;
  readonly #prefix: string;
  readonly #ports: ConversionPorts;
  /** What was converted last. */
  #shown: Holding | undefined;

  constructor(storage: Storage, kind: CustomlyKind, call: CallWebhook | undefined) {
    this.#storage = storage;
    this.#kind = kind;
    this.#prefix = storagePrefix(kind);
    this.isReadOnly = storage.isReadOnly ?? false;
    this.draws = storage.draws;
    if (storage.held) this.held = storage.held;
    this.#ports = {
      call,
      service: (namespace, name) => readView(storage, [{ resource: 'services', namespace, name }]),
    };
  }

  get catalog() {
    return this.#storage.catalog;
  }

  renewCatalog(revision: number): Promise<void> {
    return this.#storage.renewCatalog(revision);
  }

  foresee(range: RangeRequest): void {
    this.#storage.foresee?.(range);
  }

  async read(ranges: RangeRequest[]): Promise<ReadResult> {
    return this.#shownIn(await this.#storage.read(ranges));
  }

  async propose(proposal: Proposal): Promise<Outcome> {
    const converted = await this.#stored(proposal);
    const outcome = await this.#storage.propose(converted);
    return 'again' in outcome ? { ...outcome, again: await this.#shownIn(outcome.again) } : outcome;
  }

  release(turn: number): Promise<void> {
    return this.#storage.release(turn);
  }

  watch(request: WatchRequest): Promise<WatchStream> {
    return this.#storage.watch(request);
  }

  /** What a watch has brought, as the client is to see it. @throws StatusError */
  async shownBatch(batch: WatchBatch): Promise<WatchBatch> {
    const kvs = batch.events.flatMap(({ kv, prevKv, type }) => [
      ...(type === 'PUT' ? [kv] : []),
      ...(prevKv ? [prevKv] : []),
    ]);
    const shown = await this.#show(kvs);
    const events = batch.events.map((event) => ({
      ...event,
      kv: shown.get(event.kv) ?? event.kv,
      ...(event.prevKv ? { prevKv: shown.get(event.prevKv) ?? event.prevKv } : {}),
    }));
    return { ...batch, events };
  }

  async #shownIn(result: ReadResult): Promise<ReadResult> {
    const shown = await this.#show(result.responses.flatMap(({ kvs }) => kvs));
    if (shown.size === 0) return result;
    const responses = result.responses.map((response) => ({
      ...response,
      kvs: response.kvs.map((kv) => shown.get(kv) ?? kv),
    }));
    return { ...result, responses };
  }

  /** Those of the kind that are stored in another version, as this one shows them. @throws StatusError */
  async #show(kvs: readonly KeyValue[]): Promise<Map<KeyValue, ShownKeyValue>> {
    const { version } = this.#kind;
    const others: { kv: KeyValue; object: KubeObject }[] = [];
    for (const kv of kvs) {
      if (!kv.key.startsWith(this.#prefix) || isOfVersion(this.#kind, version, kv.value)) continue;
      const object = this.#parsed(kv);
      if (object && versionOf(object) !== version) others.push({ kv, object: completed(this.#kind, object) });
    }
    const converted = await this.#convert(
      others.map(({ object }) => object),
      version,
    );
    const texts = converted.map((object) => storedText(object));
    await this.#hold(texts.reduce((sum, { length }) => sum + length, 0));
    return new Map(others.map(({ kv }, i) => [kv, { ...kv, value: texts[i]!, isShown: version }]));
  }

  /** What is shown counts until more is read: a list is read part by part, and a part is answered before the next. @throws StatusError 429 */
  async #hold(characters: number): Promise<void> {
    this.#shown?.give();
    if (characters <= LIGHT_BYTES) return;
    this.#shown ??= this.held?.beside();
    if (this.#shown && !(await this.#shown.wait(characters))) throw tooManyRequests(1);
  }

  /** Undefined for what nobody can read: who reads it is told. */
  #parsed(kv: KeyValue): KubeObject | undefined {
    try {
      return parseAsStored(this.#kind, kv);
    } catch (error) {
      if (error instanceof UnreadableError) return undefined;
      throw error;
    }
  }

  async #convert(objects: readonly KubeObject[], version: string): Promise<KubeObject[]> {
    const converted = await convertObjects(this.#kind, objects, version, this.#ports);
    for (const object of converted) {
      if (this.#kind.custom.schema(version))
        coerce(object as unknown as JSONObject, this.#kind.custom, version, { told: false, lenient: true });
    }
    return converted;
  }

  /** The proposal with what it puts in the version that the store holds; nobody waits for the webhook's answer with a turn. */
  async #stored(proposal: Proposal): Promise<Proposal> {
    const { storageVersion } = this.#kind.custom;
    const texts = proposal.steps
      .flat()
      .flatMap((operation) => this.#textOf(operation) ?? [])
      .filter((text) => !isOfVersion(this.#kind, storageVersion, text));
    const objects = texts.map((text) => JSON.parse(text) as KubeObject);
    const others = objects.filter((object) => versionOf(object) !== storageVersion);
    if (others.length === 0) return proposal;
    const { turn, ...rest } = proposal;
    if (turn !== undefined) await this.#storage.release(turn);
    const converted = await this.#convert(others, storageVersion);
    const byText = new Map(texts.map((text, i) => [text, converted[others.indexOf(objects[i]!)]]));
    const steps = rest.steps.map((step) =>
      step.map((operation) => {
        const object = byText.get(this.#textOf(operation) ?? '');
        if (!object || !('put' in operation)) return operation;
        return { put: { ...operation.put, value: storedText(object) } };
      }),
    );
    return { ...rest, steps };
  }

  #textOf(operation: RequestOp): string | undefined {
    if (!('put' in operation) || !operation.put.key.startsWith(this.#prefix)) return undefined;
    const { value } = operation.put;
    return typeof value === 'string' ? value : undefined;
  }
}

/** Whether it is text of that version, as this server writes it: most is, and need not be parsed to be seen. */
const isOfVersion = ({ kind, group }: CustomlyKind, version: string, value: Value): boolean =>
  typeof value === 'string' && value.startsWith(`{"kind":"${kind}","apiVersion":"${group}/${version}",`);
