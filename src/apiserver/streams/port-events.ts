/** What the protocols of port-forwarding come down to: connections by number, to ports, that carry bytes both ways. */

/** Towards the pod. */
export interface PortActions {
  open(connection: number, port: number): void;
  write(connection: number, bytes: Uint8Array): void;
  /** The client writes no more. */
  end(connection: number): void;
  close(connection: number): void;
}

/** A protocol's end at the client's side. */
export interface PortProtocol {
  /** Both sides listen by now. */
  begin(): void;
  /** What came of the client. @throws SpdyError for what is none of the protocol's */
  received(message: string | ArrayBuffer): void;
  data(connection: number, bytes: Uint8Array): void;
  /** The pod's side has closed it. */
  ended(connection: number): void;
  /** It could not be opened; `why` as the kubelet says it. */
  refused(connection: number, why: string): void;
}

/** What a port is: of TCP, and not 0. */
export function portNumber(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}
