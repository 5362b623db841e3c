/**
 * A WebSocket as its client holds it, on a connection that was upgraded already: Node's own knows no Unix sockets.
 * Source: RFC 6455.
 */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';

const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const FIN = 0x80;
const MASKED = 0x80;

/** Bytes of one message. */
const MAX_MESSAGE = 2 * 1024 * 1024;

export interface ClientWebSocket {
  send(message: Uint8Array): void;
  /** Takes no more for a while, and goes on. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** `message` is told of each whole message, `closed` once at the end. `head`: what came with the upgrade. */
export function clientWebSocket(
  stream: Duplex,
  head: Uint8Array,
  { message, closed }: { message(bytes: Buffer): void; closed(): void },
): ClientWebSocket {
  let rest: Buffer = Buffer.from(head);
  let parts: Buffer[] = [];
  let isClosed = false;
  const end = (): void => {
    if (isClosed) return;
    isClosed = true;
    stream.destroy();
    closed();
  };
  const write = (opcode: number, contents: Uint8Array): void => {
    if (!isClosed) stream.write(frame(opcode, contents));
  };
  const take = (opcode: number, fin: boolean, contents: Buffer): void => {
    if (opcode === PING) write(PONG, contents);
    else if (opcode === CLOSE) {
      write(CLOSE, contents.subarray(0, 2));
      end();
    } else if (opcode <= BINARY) {
      parts.push(contents);
      if (!fin) return;
      message(parts.length === 1 ? contents : Buffer.concat(parts));
      parts = [];
    }
  };
  const read = (): void => {
    while (!isClosed && rest.length >= 2) {
      const short = rest[1]! & 0x7f;
      const start = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (rest.length < start) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
      if (length > MAX_MESSAGE) {
        end();
        return;
      }
      if (rest.length < start + length) return;
      const contents = rest.subarray(start, start + length);
      const [opcode, fin] = [rest[0]! & 0x0f, (rest[0]! & FIN) !== 0];
      rest = rest.subarray(start + length);
      take(opcode, fin, contents);
    }
  };
  stream.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    read();
  });
  for (const event of ['end', 'error', 'close']) stream.on(event, end);
  queueMicrotask(read);
  return {
    send: (bytes) => write(BINARY, bytes),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    close() {
      write(CLOSE, Buffer.from([0x03, 0xe8]));
      end();
    },
  };
}

/** What a client sends is masked. */
function frame(opcode: number, contents: Uint8Array): Buffer {
  const { length } = contents;
  const head = length < 126 ? Buffer.alloc(2) : length <= 0xffff ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = FIN | opcode;
  if (length < 126) head[1] = MASKED | length;
  else if (length <= 0xffff) {
    head[1] = MASKED | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = MASKED | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  const mask = randomBytes(4);
  const masked = Buffer.from(contents);
  for (let i = 0; i < length; i++) masked[i]! ^= mask[i & 3]!;
  return Buffer.concat([head, mask, masked]);
}
