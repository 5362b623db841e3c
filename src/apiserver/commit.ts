/**
 * How a request writes: one batched read of what its decision needs, the decision, one transaction guarded by what was read, and again
 * from the start when a guard fails.
 */
import type { CustomKind } from '../catalog/custom-kind.ts';
import { type Kind, storageKey } from '../catalog/kinds.ts';
import type { Read } from '../catalog/strategy.ts';
import type { Compare, KeyValue, RangeRequest, RangeResponse } from '../etcd/types.ts';
import type { KubeObject } from '../objects/object.ts';
import { alreadyExists } from '../objects/status.ts';
import { builtIn } from '../resources/built-in.ts';
import { createRandom } from '../simulation/random.ts';
import { tooManyRequests } from './answer/flow-control.ts';
import { timedOut } from './answer/timeout.ts';
import { CommitAdmission, isAdmitted } from './dynamic-admission/commit-admission.ts';
import { AnswersNeeded } from './dynamic-admission/outside-answers.ts';
import { patienceOf } from './dynamic-admission/patience.ts';
import type { Exchange } from './exchange.ts';
import { bringsLongBody, CatalogChanged } from './one-catalog.ts';
import { rangesOf, viewOf } from './pipeline.ts';
import type { ReadResult } from './storage/storage.ts';
import { parseStored } from './storage/stored.ts';
import {
  type Circumstances,
  chargeOf,
  type Decision,
  type DecisionContext,
  type Seen,
  stageContext,
  stepsOf,
} from './write/decision.ts';
import { ReadView } from './write/read-view.ts';

const QUOTAS = builtIn('resourcequotas');

/** Two are enough among clients; more are needed only as long as the cluster's own components come in between each time. */
export const MAX_DECISIONS = 1000;

/** How often policies and webhooks are read that are others by the time that they are to be asked. */
export const MAX_CONFIGURATIONS = 10;

/**
 * Reads, decides and proposes until the guards hold. `name` is absent where the decision makes it.
 * Who was overtaken decides again on what there is by then, so that a client hears of a conflict only where it set a condition.
 */
export function commit<T>(
  exchange: Exchange,
  wishes: Read[],
  name: string | undefined,
  decide: (seen: Seen) => Decision<T>,
): Promise<T> {
  return new Commit(exchange, wishes, name, decide).done();
}

/** What chance is drawn by. */
interface Chance {
  purpose: string;
  done(): void;
}

/** One on its way. */
class Commit<T> {
  readonly #exchange: Exchange;
  readonly #wishes: Read[];
  readonly #key: string | undefined;
  readonly #decide: (seen: Seen) => Decision<T>;
  /** Undefined: nothing is admitted. */
  readonly #admission: CommitAdmission | undefined;
  readonly #warned: readonly string[];
  /** The keys of others that a decision wanted for what it makes new. */
  readonly #taken = new Set<string>();
  /** The instant at which it has waited for long enough. */
  readonly #until: number;
  #reads: { read: Read; range: RangeRequest }[] = [];
  #ranges: RangeRequest[] = [];
  #turn: number | undefined;
  #wait: Promise<never> | undefined;
  #endWait = (): void => undefined;

  constructor(exchange: Exchange, wishes: Read[], name: string | undefined, decide: (seen: Seen) => Decision<T>) {
    this.#exchange = exchange;
    this.#wishes = wishes;
    this.#key = name === undefined ? undefined : storageKey(exchange.kind, exchange.namespace, name);
    this.#decide = decide;
    this.#until = exchange.timers.time() + patienceOf(exchange.query);
    this.#admission = isAdmitted(exchange) ? new CommitAdmission(exchange, () => this.#patience) : undefined;
    this.#warned = [...exchange.warnings];
    this.#wish();
  }

  async done(): Promise<T> {
    let result = await this.#read();
    try {
      for (let attempt = 0; attempt < MAX_DECISIONS; attempt++) {
        result = await this.#withAdmission(result);
        const outcome = await this.#attempt(result, attempt);
        if ('answer' in outcome) return outcome.answer;
        result = outcome.again;
      }
    } finally {
      this.#endWait();
      this.#admission?.end();
      await this.#release();
    }
    throw timedOut();
  }

  #wish(): void {
    const reads = [...this.#wishes, ...(this.#admission?.reads() ?? [])];
    this.#reads = rangesOf(reads, this.#exchange.storage.catalog);
    this.#ranges = this.#reads.map(({ range }) => range);
    if (this.#key !== undefined) this.#ranges.push({ key: this.#key });
  }

  #read(): Promise<ReadResult> {
    return this.#exchange.storage.read(this.#ranges);
  }

  /** A turn that is not needed: nobody waits while somebody is asked. */
  async #release(): Promise<void> {
    const turn = this.#turn;
    this.#turn = undefined;
    if (turn !== undefined) await this.#exchange.storage.release(turn);
  }

  /** A read by which the policies and webhooks are known that there are, with what they want to see. */
  async #withAdmission(result: ReadResult): Promise<ReadResult> {
    const admission = this.#admission;
    let latest = result;
    for (let i = 0; admission && !admission.isOf(latest); i++) {
      if (i === MAX_CONFIGURATIONS) throw tooManyRequests(1);
      await this.#release();
      if (!(await admission.renew(this.#exchange.storage, latest))) continue;
      this.#wish();
      latest = await this.#read();
    }
    return latest;
  }

  async #attempt(result: ReadResult, attempt: number): Promise<{ answer: T } | { again: ReadResult }> {
    const { storage, kind, dryRun, request } = this.#exchange;
    const kv = this.#key === undefined ? undefined : result.responses.at(-1)!.kvs[0];
    const chance = drawing(this.#exchange, result.revision, attempt, result.now);
    try {
      const { decision, charged } = await this.#decided(result, kv, chance);
      const made = this.#made(decision);
      if (dryRun && made.length > 0) this.#meet(made, (await storage.read(made.map(keyOnly))).responses);
      const other = made.find((key) => this.#taken.has(key));
      if (other !== undefined) throw alreadyExists(kind, other.slice(other.lastIndexOf('/') + 1));
      if (decision.operations.length === 0 || dryRun) return { answer: decision.answer(kv?.modRevision ?? 0) };
      const charges = charged.map((quota) => chargeOf(QUOTAS, quota));
      const held = this.#turn;
      this.#turn = undefined;
      const outcome = await storage.propose({
        ranges: [...this.#ranges, ...made.map(keyOnly)],
        compare: this.#guards(result, decision, charged),
        steps: stepsOf(charges, decision.operations),
        ...(this.#key === undefined ? { draw: chance.purpose } : {}),
        ...(held === undefined ? {} : { turn: held }),
      });
      if ('revision' in outcome) return { answer: decision.answer(outcome.revision) };
      if ('busy' in outcome) throw tooManyRequests(1);
      this.#turn = outcome.turn;
      this.#meet(made, outcome.again.responses.splice(this.#ranges.length));
      // What was decided by a definition that is gone is decided anew, from the beginning.
      if (kind.custom && outcome.again.catalogRevision !== storage.catalog.revision)
        throw bringsLongBody(request) ? tooManyRequests(1) : new CatalogChanged(outcome.again.catalogRevision);
      return outcome;
    } finally {
      chance.done();
    }
  }

  /** The keys of what a decision makes new under a name that was not read for. */
  #made({ operations, creates }: Decision<T>): string[] {
    if (this.#key === undefined)
      return operations.flatMap((operation) => ('put' in operation ? operation.put.key : []));
    if (creates === undefined) return [];
    const key = storageKey(this.#exchange.kind, this.#exchange.namespace, creates);
    return key === this.#key ? [] : [key];
  }

  #meet(keys: readonly string[], found: readonly RangeResponse[]): void {
    for (const [i, key] of keys.entries()) if (found[i]!.kvs.length > 0) this.#taken.add(key);
  }

  /** The decision, once all is known that it takes; it draws the same each time that it is tried. */
  async #decided(
    result: ReadResult,
    kv: KeyValue | undefined,
    chance: Chance,
  ): Promise<{ decision: Decision<T>; charged: KubeObject[] }> {
    for (;;)
      try {
        return this.#tryToDecide(result, kv, chance);
      } catch (error) {
        if (!(error instanceof AnswersNeeded)) throw error;
        await this.#release();
        await Promise.race([error.fetch(), this.#waited()]);
      }
  }

  /** For how long it may still wait, milliseconds. */
  get #patience(): number {
    return Math.max(0, this.#until - this.#exchange.timers.time());
  }

  /** Rejected when the request has waited for long enough. */
  #waited(): Promise<never> {
    this.#wait ??= new Promise((_, reject) => {
      this.#endWait = this.#exchange.timers.after(this.#patience, () => reject(timedOut()));
    });
    // It may be over while nothing is asked.
    this.#wait.catch(() => undefined);
    return this.#wait;
  }

  #tryToDecide(result: ReadResult, kv: KeyValue | undefined, chance: Chance) {
    const exchange = this.#exchange;
    const { config, storage, kind, warnings } = exchange;
    warnings.splice(0, Number.POSITIVE_INFINITY, ...this.#warned);
    const view = viewOf(this.#reads, new ReadView(result.revision, storage.catalog), result.responses);
    const random = createRandom(config.seed, chance.purpose);
    const charged: KubeObject[] = [];
    const { now } = result;
    const context = contextOf(exchange, { now, random, view, config, charged });
    if (kv && kv.createRevision === kv.modRevision) context.untouched = true;
    const dynamicAdmission = this.#admission?.of(result, view);
    if (dynamicAdmission) context.dynamicAdmission = dynamicAdmission;
    return { decision: this.#decide({ now, ...seenOf(kind, kv), view, context }), charged };
  }

  #guards(result: ReadResult, decision: Decision<T>, charged: readonly KubeObject[]): Compare[] {
    const { kind } = this.#exchange;
    const compare = this.#ranges.map((range, i) => guard(range, result.responses[i]!.kvs, result.revision));
    for (const key of this.#made(decision)) compare.push({ key, target: 'MOD', result: 'EQUAL', value: 0 });
    for (const quota of charged) {
      const key = storageKey(QUOTAS, quota.metadata.namespace, quota.metadata.name);
      compare.push({ key, target: 'MOD', result: 'EQUAL', value: Number(quota.metadata.resourceVersion) });
    }
    if (kind.custom) compare.push(guardOfDefinition(kind.custom));
    return compare;
  }
}

const keyOnly = (key: string): RangeRequest => ({ key, keysOnly: true });

const guardOfDefinition = ({ definition: { key, revision } }: CustomKind): Compare => ({
  key,
  target: 'MOD',
  result: 'EQUAL',
  value: revision,
});

/** What was read must still be so: one key exactly, and of many that none is newer. */
function guard({ key, rangeEnd }: RangeRequest, kvs: KeyValue[], revision: number): Compare {
  return rangeEnd === undefined
    ? { key, target: 'MOD', result: 'EQUAL', value: kvs[0]?.modRevision ?? 0 }
    : { key, rangeEnd, target: 'MOD', result: 'LESS', value: revision + 1 };
}

/** The chance of one decision; `done` when it has come to its end. */
function drawing(exchange: Exchange, revision: number, attempt: number, now: number): Chance {
  const { kind, namespace, name, verb, storage } = exchange;
  // A dry run leaves no revision behind it, and draws what no other request does.
  const dry = exchange.dryRun ? `dry/${now}/` : '';
  return storage.draws.take(
    `${dry}${revision}/${attempt}/${verb}/${kind.resource}.${kind.group}/${namespace ?? ''}/${name ?? ''}`,
  );
}

function seenOf(kind: Kind, kv: KeyValue | undefined): Pick<Seen, 'current' | 'text'> {
  if (!kv) return { current: undefined };
  const current = parseStored(kind, kv);
  return typeof kv.value === 'string' ? { current, text: kv.value } : { current };
}

/** What the stages know of a request. */
function contextOf(exchange: Exchange, circumstances: Circumstances): DecisionContext {
  const { namespace, name, subresource, examined } = exchange;
  return {
    ...stageContext(circumstances),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(examined ? { examined } : {}),
    ...(subresource === undefined ? {} : { subresource }),
    dryRun: exchange.dryRun,
    requester: exchange.identity,
    warn: (text) => void exchange.warnings.push(text),
  };
}
