/** How the machines of a cluster's pods are reached from where its API is served. */
import type { LogRequest } from './log-wire.ts';
import type { SessionRequest, SessionSocket } from './session-wire.ts';

export interface Pods {
  /** All that there is of a log, at this instant. */
  log(request: LogRequest): Promise<ReadableStream<Uint8Array> | null>;
  /** The object's end of `log-wire.ts`. @throws StatusError 429 */
  followLog(request: LogRequest): Promise<SessionSocket>;
  /** The object's end of `session-wire.ts`. @throws StatusError 429 */
  connect(request: SessionRequest): Promise<SessionSocket>;
}
