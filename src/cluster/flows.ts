/** By which flow schemas requests to a cluster are counted: read once for each state of theirs. */
import { prefixRange } from '../apiserver/pipeline.ts';
import { parseStored } from '../apiserver/storage/stored.ts';
import { storagePrefix } from '../catalog/kinds.ts';
import { ChangeMark } from '../etcd/change-mark.ts';
import type { Store } from '../etcd/store.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../objects/generated/flowcontrol-v1.gen.ts';
import type { KubeObject } from '../objects/object.ts';
import { builtIn } from '../resources/built-in.ts';
import { type Flow, flowsOf } from '../resources/flowcontrol/classification.ts';

const SCHEMAS = builtIn('flowschemas.flowcontrol.apiserver.k8s.io');
const LEVELS = builtIn('prioritylevelconfigurations.flowcontrol.apiserver.k8s.io');

/** More than so many bytes of them would be sent too often to tell clients what few look at. */
export const MAX_FLOW_BYTES = 64 * 1024;

export class Flows {
  readonly #store: Store;
  readonly #mark: ChangeMark;
  #known: { changes: number; flows: Flow[] } | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#mark = new ChangeMark(
      store,
      '',
      [SCHEMAS, LEVELS].map((kind) => storagePrefix(kind)),
    );
  }

  /** None where there are too many. */
  get current(): Flow[] {
    const { changes } = this.#mark.value;
    if (this.#known?.changes !== changes) this.#known = { changes, flows: this.#read() };
    return this.#known.flows;
  }

  #read(): Flow[] {
    const [schemas, levels] = [SCHEMAS, LEVELS].map((kind) => {
      const { kvs } = this.#store.range(prefixRange(storagePrefix(kind)));
      return kvs.map((kv) => parsed(() => parseStored(kind, kv))).filter((object) => object !== undefined);
    }) as [FlowSchema[], PriorityLevelConfiguration[]];
    const flows = flowsOf(schemas, levels);
    return JSON.stringify(flows).length > MAX_FLOW_BYTES ? [] : flows;
  }
}

/** What nobody can read counts for nothing. */
function parsed(parse: () => KubeObject): KubeObject | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
