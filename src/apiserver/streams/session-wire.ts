/**
 * What a Worker and a cluster's object say to each other of one session with a pod's machine, over one WebSocket: binary messages are bytes
 * of a channel, texts are everything else. Of a command the channels are its descriptors; of connections each is one, by a number that the
 * Worker chose.
 */

/** Which pod, as whoever asks has seen it. */
export interface PodTarget {
  namespace: string;
  pod: string;
  uid: string;
}

export type SessionRequest = PodTarget &
  (
    | { kind: 'exec'; container: string; command: string[]; stdin: boolean; tty: boolean }
    | { kind: 'attach'; container: string; stdin: boolean; tty: boolean }
    | { kind: 'ports' }
  );

/** From the Worker. */
export type Asking =
  /** Look what there is by now. */
  | { look: true }
  /** So many bytes have been passed on. */
  | { took: number }
  | { resize: { rows: number; columns: number } }
  /** Nothing more comes on a channel. */
  | { end: number }
  /** A connection; `secure`: by TLS. `from`: who it is that comes, unless the kubelet for a client. */
  | { open: number; port: number; secure?: boolean; from?: { address: string; port: number } }
  | { close: number };

/** From the object. */
export type Telling =
  /** In how many real milliseconds there may be something; null: not before something comes in. */
  | { due: number | null }
  /** The command, or what was attached to, is over. */
  | { exit: number }
  /** It could not be started, or could not go on. */
  | { fault: string }
  /** Nobody listens at the port. */
  | { refused: number }
  /** Whoever listens there speaks no TLS. */
  | { plain: number }
  /** The far end of a connection has closed it. */
  | { ended: number };

/** What may be on its way to a client before it says that it took some, bytes. */
export const SESSION_WINDOW = 256 * 1024;

const CHANNEL_BYTES = 4;

export function channelBytes(channel: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(CHANNEL_BYTES + bytes.length);
  new DataView(message.buffer).setUint32(0, channel);
  message.set(bytes, CHANNEL_BYTES);
  return message;
}

export function readChannelBytes(message: ArrayBuffer): { channel: number; bytes: Uint8Array } {
  return { channel: new DataView(message).getUint32(0), bytes: new Uint8Array(message, CHANNEL_BYTES) };
}

/** What is used of a WebSocket, on both sides. */
export interface SessionSocket {
  /** What came before is told from here on: whoever listens has to be there by then. */
  accept(): void;
  binaryType: 'arraybuffer' | 'blob';
  send(message: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: string | ArrayBuffer }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
}

/** Whoever listens is told of what has come and comes, bytes as they are. */
export function begin(socket: SessionSocket): void {
  socket.binaryType = 'arraybuffer';
  socket.accept();
}
