/** What a simulated cluster is made with. */
import type { Catalog } from '../catalog/catalog.ts';
import type { ClientAuthorities } from '../controllers/control-plane/cluster-authentication-trust.ts';
import type { Sql } from '../etcd/sql.ts';
import type { ImageFor } from '../machine/image.ts';
import type { KubeObject } from '../objects/object.ts';
import type { CallWebhook } from '../objects/webhook-call.ts';
import type { Clock } from '../simulation/clock.ts';
import type { Holding } from '../simulation/held-bytes.ts';
import type { Signatures } from '../simulation/notary.ts';
import type { Work } from '../simulation/work.ts';
import type { SimulationSpec } from './simulation-spec.ts';

export interface SimulatedClusterOptions {
  sql: Sql;
  spec: SimulationSpec;
  /** The certificate that clients trust the cluster by, PEM. */
  rootCA: string;
  /** The authorities that clients are trusted by, PEM; the root CA's unless said. */
  authentication?: ClientAuthorities;
  /** What signs for the controllers. */
  signatures?: Signatures;
  /** How webhooks are called; none can be reached unless said. */
  callWebhook?: CallWebhook;
  /** Where what they answer counts while a write waits for more; nowhere unless said. */
  hold?: () => Holding;
  /** Told when something that a reconcile waits for has come: there is work. */
  awoken?: () => void;
  /** Bytes of database from which on values are refused. */
  quotaBytes?: number;
  /** How much may be live. */
  live?: { keys: number; bytes: number };
  /** How its time goes now, if that was changed since its creation. */
  clock?: Clock;
  /** The kinds that there are at the moment; those that its definitions say, unless said. */
  catalog?: () => Catalog;
  /** Told of every reconcile that failed; it is retried all the same. */
  failed?: (work: Work, error: unknown) => void;
  /** See `PumpPorts`. */
  undeclared?: (object: KubeObject) => KubeObject;
  /** Told of each object before all reconcilers share it: in tests nobody may change it any more. */
  share?: (object: KubeObject) => void;
  /** What images hold; those that are known, unless said. */
  imageFor?: ImageFor;
}
