/** Why a pod has to go. */
export interface Eviction {
  reason: string;
  message: string;
  /** How long its containers may go on; its own time, unless said. */
  graceSeconds?: number;
  /** What its status says of it beside, if anything. */
  condition?: { reason: string; message: string };
}
