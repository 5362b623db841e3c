/** One port for HTTP/2 and HTTP/1, told apart by how a connection begins. */
import { createServer, type Socket } from 'node:net';

/** What an HTTP/2 client sends first; no HTTP/1 method begins so. Source: RFC 9113, section 3.4. */
const PREFACE = 'PRI';

export interface Protocols {
  http2(socket: Socket): void;
  http1(socket: Socket): void;
}

/** `listen` is `host:port`. Resolves when the port is open; rejects if it can't be. */
export function listenForBoth(listen: string, protocols: Protocols): Promise<{ address: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    tellApart(socket, protocols);
  });
  const [, host, port] = /^(.*):(\d+)$/.exec(listen)!;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port), host!.replace(/^\[|\]$/g, ''), () => {
      const bound = server.address() as { port: number };
      resolve({
        address: `${host}:${bound.port}`,
        close() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

/** What was read is put back, for whoever serves the connection. */
function tellApart(socket: Socket, { http1, http2 }: Protocols): void {
  let begun = Buffer.alloc(0);
  const look = (): void => {
    for (let chunk: Buffer | null = socket.read(); chunk; chunk = socket.read()) begun = Buffer.concat([begun, chunk]);
    const text = begun.toString('latin1', 0, PREFACE.length);
    if (text.length < PREFACE.length && PREFACE.startsWith(text)) return;
    socket.off('readable', look);
    socket.unshift(begun);
    if (text === PREFACE) http2(socket);
    else http1(socket);
  };
  socket.on('readable', look);
}
