/** What one commit knows of the cluster's policies and webhooks. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { Kind } from '../../catalog/kinds.ts';
import type { Read } from '../../catalog/strategy.ts';
import type { View } from '../../objects/object.ts';
import type { Exchange } from '../exchange.ts';
import { readPolicy } from '../identity/policy.ts';
import type { ReadResult, Storage } from '../storage/storage.ts';
import { AdmissionWork } from './admission-work.ts';
import { areOf, type Configurations, lastConfigurations, readConfigurations } from './configurations.ts';
import { chainOf, type DynamicAdmission } from './dynamic-admission.ts';
import { OutsideAnswers } from './outside-answers.ts';
import { MAX_OUTSIDE_MS } from './patience.ts';
import { pluginReads, pluginsAskAuthorizer, pluginsOf } from './plugins.ts';
import { requestedBy } from './requested.ts';

/** The subresources that are connected to; of what else is only read nothing is admitted. */
const CONNECTED = new Set(['attach', 'exec', 'portforward', 'proxy']);

export const isAdmitted = ({ verb, subresource = '' }: Pick<Exchange, 'verb' | 'subresource'>): boolean =>
  CONNECTED.has(subresource) || !['get', 'list', 'watch'].includes(verb);

export class CommitAdmission {
  readonly #exchange: Exchange;
  readonly #answers: OutsideAnswers;
  /** For how long its request may still wait, milliseconds. */
  readonly #patience: () => number;
  readonly #work = new AdmissionWork();
  #configurations: Configurations | undefined;
  /** The roles and bindings, where an expression asks what somebody may do. */
  #roles: View | undefined;
  /** Whether they were read for this commit. */
  #isFresh = false;

  constructor(exchange: Exchange, patience: () => number) {
    this.#exchange = exchange;
    this.#patience = patience;
    const { held } = exchange.storage;
    this.#answers = new OutsideAnswers(held && (() => held.beside(MAX_OUTSIDE_MS)));
    this.#configurations = lastConfigurations(exchange.config.id);
  }

  /** What a decision must read beside what it needs anyway, as far as is known now. */
  reads(): Read[] {
    const { verb, name } = this.#exchange;
    const kind = this.#kind;
    // A namespace that is there already is in itself.
    const isOwn = kind.name === 'namespaces' && verb !== 'create';
    const namespace = isOwn ? name : this.#exchange.namespace;
    return this.#configurations ? pluginReads(this.#configurations.view, kind, namespace, this.#catalog) : [];
  }

  get #kind(): Kind {
    return this.#exchange.askedKind ?? this.#exchange.kind;
  }

  get #catalog(): Catalog {
    return this.#exchange.storage.catalog;
  }

  /** Whether what is known is true at the instant of a read. */
  isOf(result: ReadResult): boolean {
    if (result.admission === null) return true;
    const known = this.#configurations;
    return known !== undefined && this.#areOf(known, result) && !this.#lacksRoles(known);
  }

  #areOf(known: Configurations, result: ReadResult): boolean {
    return result.admission === undefined ? this.#isFresh : areOf(known, result);
  }

  #lacksRoles({ view }: Configurations): boolean {
    return this.#roles === undefined && pluginsAskAuthorizer(view, this.#kind);
  }

  /** Reads what is not known, or not so any more by a read. Answers whether `reads` may want something else now. */
  async renew(storage: Storage, result: ReadResult): Promise<boolean> {
    let known = this.#configurations;
    const isKnown = known !== undefined && this.#areOf(known, result);
    if (!isKnown) known = await readConfigurations(storage, this.#exchange.config.id);
    this.#configurations = known;
    this.#isFresh ||= !isKnown;
    if (this.#lacksRoles(known!)) this.#roles = (await readPolicy(storage)).policy;
    return !isKnown;
  }

  /** The request has come to its end. */
  end(): void {
    this.#answers.end();
  }

  /** For a decision on a read; undefined: nobody has a say. `view`: what `reads` asked for. */
  of(result: ReadResult, view: View): DynamicAdmission | undefined {
    const known = this.#configurations;
    if (result.admission === null || !known) return undefined;
    const { warnings, annotations, identity, callWebhook } = this.#exchange;
    return chainOf(
      pluginsOf({
        configurations: known.view,
        view,
        roles: this.#roles,
        catalog: this.#catalog,
        requested: requestedBy(this.#exchange),
        identity,
        answers: this.#answers,
        callWebhook,
        patience: this.#patience,
        work: this.#work.decision(),
        warn: (text) => void warnings.push(text),
        annotate: (key, value) => void annotations?.set(key, value),
      }),
    );
  }
}
