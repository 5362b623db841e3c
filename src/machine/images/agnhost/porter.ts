/** agnhost porter: a server for each variable `SERVE_PORT_80=text`, which answers with its text; by TLS for `SERVE_TLS_PORT_443`. */
import type { Process, Program, Run } from '../../program.ts';
import { readMaybe } from '../../programs/applet.ts';
import type { HttpRequest, HttpResponse } from '../../programs/http.ts';
import { jsonResponse, textResponse } from '../../programs/http-server.ts';
import { sniffedType } from '../../programs/sniffed-type.ts';
import { flag, serveUntilAsked } from '../served.ts';

/** The texts by their ports. */
function textsOf(process: Process, name: RegExp): Map<number, string> {
  return new Map(
    [...process.env].flatMap(([key, text]): [number, string][] => {
      const port = name.exec(key)?.[1];
      return port === undefined ? [] : [[Number(port), text]];
    }),
  );
}

const answerTo = ({ method }: HttpRequest, text: string, isJson: boolean): HttpResponse =>
  isJson ? jsonResponse({ Method: method, Body: text }) : textResponse(text, 200, sniffedType(text));

function* datagrams(process: Process, port: number, text: string): Run {
  const listener = process.listen(port, { protocol: 'UDP' });
  for (;;) {
    const connection = yield* listener.accept();
    yield* connection.write(text);
  }
}

export const porter: Program = function* (process) {
  const isJson = (flag(process.args.slice(2), 'json-response') ?? 'false') !== 'false';
  const plain = textsOf(process, /^SERVE_(?:TCP_)?PORT_(\d+)$/);
  const certificate = readMaybe(process, process.env.get('CERT_FILE') || '/localhost.crt');
  // Without a certificate nobody listens there.
  const secure = certificate === undefined ? new Map() : textsOf(process, /^SERVE_TLS_PORT_(\d+)$/);
  const texts = new Map([...plain, ...secure]);
  const udp = textsOf(process, /^SERVE_UDP_PORT_(\d+)$/);
  return yield* serveUntilAsked(
    process,
    {
      ports: [...texts.keys()],
      certificate: (port) => (secure.has(port) ? certificate : undefined),
      answer: (request, port) => answerTo(request, texts.get(port) ?? '', isJson),
      beside: [...udp].map(([port, text]) => datagrams(process, port, text)),
    },
    { status: 2 },
  );
};
