/**
 * Writes of the cluster's own components that wait for a webhook. A reconcile waits for nobody: its write is put aside with the chance that it
 * has drawn, the webhook is asked as an errand, and the reconcile that its answer calls for finds the write decided. Nothing of it is
 * stored: who lost it with the process runs again at the instant that the pump has noted, and asks anew.
 */
import { AnswersNeeded, OutsideAnswers } from '../apiserver/dynamic-admission/outside-answers.ts';
import type { KubeObject } from '../objects/object.ts';
import type { Errands } from '../simulation/errands.ts';
import type { Holding } from '../simulation/held-bytes.ts';
import { type Writer, WriteWaits } from '../simulation/pump-ports.ts';
import { ReplayedRandom } from '../simulation/random.ts';
import type { Write } from '../simulation/reconciler.ts';

/** Writes that wait at one time; what is put aside beyond is asked about again when its turn comes. */
export const MAX_WAITING_WRITES = 256;

interface Waiting {
  write: Write<KubeObject>;
  /** When it was first tried: the object tells, and so must the question. */
  now: number;
  revision: number;
  random: ReplayedRandom;
  answers: OutsideAnswers;
  isAsking: boolean;
}

/** One try at a write, with what is known by now of what it must ask. */
type Attempt = (
  write: Write<KubeObject>,
  tried: Pick<Waiting, 'now' | 'revision' | 'random' | 'answers'>,
) => KubeObject | undefined;

export class WaitingWrites {
  readonly #waiting = new Map<string, Waiting>();
  readonly #errands: Errands;
  readonly #hold: (() => Holding) | undefined;
  #asked = 0;

  /** `hold`: where the answers of a write that waits count; nowhere unless said. */
  constructor(errands: Errands, hold?: () => Holding) {
    this.#errands = errands;
    this.#hold = hold;
  }

  /** @throws WriteWaits, and what `attempt` throws */
  apply(write: Write<KubeObject>, writer: Writer, revision: number, attempt: Attempt): KubeObject | undefined {
    const id = idOf(write, writer);
    const waiting = this.#waiting.get(id) ?? {
      write,
      now: writer.now,
      revision,
      random: new ReplayedRandom(writer.random),
      answers: new OutsideAnswers(this.#hold),
      isAsking: false,
    };
    if (waiting.isAsking) throw new WriteWaits();
    waiting.random.rewind();
    try {
      const made = attempt(waiting.write, waiting);
      this.#end(id, waiting);
      return made;
    } catch (error) {
      if (!(error instanceof AnswersNeeded)) {
        this.#end(id, waiting);
        throw error;
      }
      this.#putAside(id, waiting);
      this.#ask(waiting, error, { reconciler: writer.name, key: writer.key });
      throw new WriteWaits();
    }
  }

  #end(id: string, { answers }: Waiting): void {
    answers.end();
    this.#waiting.delete(id);
  }

  #putAside(id: string, waiting: Waiting): void {
    this.#waiting.delete(id);
    const [oldest] = this.#waiting.size < MAX_WAITING_WRITES ? [] : this.#waiting.entries();
    if (oldest) this.#end(...oldest);
    this.#waiting.set(id, waiting);
  }

  #ask(waiting: Waiting, { fetch }: AnswersNeeded, work: { reconciler: string; key: string }): void {
    this.#errands.ask(`webhook ${++this.#asked}`, work, async () => {
      waiting.isAsking = true;
      try {
        await fetch();
      } finally {
        waiting.isAsking = false;
      }
    });
  }
}

/** A reconcile asks for one write of a kind at a time: the next of the same is another only when this one is made. */
function idOf(write: Write<KubeObject>, { name, key }: Writer): string {
  const about =
    write.verb === 'delete'
      ? [write.resource, write.namespace, write.name]
      : [write.object.apiVersion, write.object.kind, write.object.metadata.namespace, namesOf(write.object)];
  const through = write.verb === 'update' ? write.subresource : undefined;
  return JSON.stringify([name, key, write.verb, through, ...about]);
}

const namesOf = ({ metadata: { name, generateName } }: KubeObject): string => `${name ?? ''} ${generateName ?? ''}`;
