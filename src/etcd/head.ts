import type { KeyValue } from './types.ts';

/** A key's last change. `kv` is absent after a deletion. */
export interface Head {
  kv?: KeyValue;
  /** Where the change is: in the log, or (-1) in the base layer. */
  revision: number;
  sub: number;
}
