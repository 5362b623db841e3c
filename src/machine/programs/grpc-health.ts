/** The health protocol of gRPC, `grpc.health.v1.Health/Check`: who asks, and who answers. Source: grpc's doc/health-checking.md. */
import { type Bytes, bytesOf, textOf } from '../bytes.ts';
import type { Connection } from '../network.ts';
import type { Run } from '../run.ts';
import {
  ACK,
  END_HEADERS,
  END_STREAM,
  FRAME,
  type Frame,
  FrameReader,
  frameBytes,
  headerBlock,
  PREFACE,
  readHeaderBlock,
} from './http2-frames.ts';

const PATH = '/grpc.health.v1.Health/Check';

export type HealthStatus = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
const STATUSES: readonly HealthStatus[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** What gRPC calls its codes, by their numbers. */
export const CODES = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const;
export type Code = (typeof CODES)[number];

/** How a call ends: with a status, or with a code that is not OK. */
export type HealthAnswer = { status: HealthStatus } | { code: Code; message: string };

const SETTINGS: Frame = { type: FRAME.SETTINGS, flags: 0, stream: 0, payload: '' };
const STREAM = 1;

/** A message as gRPC frames it: not compressed, and how long it is. */
const framed = (message: Bytes): Bytes =>
  `\0${[24, 16, 8, 0].map((shift) => String.fromCharCode((message.length >>> shift) & 255)).join('')}${message}`;
const PREFIX_BYTES = 5;

const LOW_BITS = 127;
const varint = (value: number): Bytes =>
  value <= LOW_BITS ? String.fromCharCode(value) : String.fromCharCode((value & LOW_BITS) | 128) + varint(value >>> 7);

/** The service is the first field of its message. */
const requestMessage = (service: Bytes): Bytes => (service === '' ? '' : `\x0a${varint(service.length)}${service}`);

function serviceIn(message: Bytes): Bytes {
  if (message.charCodeAt(0) !== 0x0a) return '';
  let at = 1;
  while (message.charCodeAt(at) & 128) at++;
  return message.slice(at + 1);
}

/** What a client writes when it is connected. */
export function healthRequest(service: string, authority: string): Bytes {
  const headers = headerBlock([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', PATH],
    [':authority', authority],
    ['content-type', 'application/grpc'],
    ['user-agent', 'kube-probe/1.37'],
    ['te', 'trailers'],
  ]);
  const message = framed(requestMessage(bytesOf(service)));
  return [
    PREFACE,
    frameBytes(SETTINGS),
    frameBytes({ type: FRAME.HEADERS, flags: END_HEADERS, stream: STREAM, payload: headers }),
    frameBytes({ type: FRAME.DATA, flags: END_STREAM, stream: STREAM, payload: message }),
  ].join('');
}

/** A call as its client follows it. */
export class HealthCall {
  readonly #frames = new FrameReader();
  #body: Bytes = '';
  /** Whether the server speaks HTTP/2: until its settings have come nobody knows. */
  isConnected = false;

  /** @returns how it ended, once it has. */
  take(bytes: Bytes): HealthAnswer | undefined {
    for (const { type, flags, payload } of this.#frames.take(bytes) ?? []) {
      if (type === FRAME.SETTINGS) this.isConnected = true;
      else if (!this.isConnected) return undefined;
      else if (type === FRAME.DATA) this.#body += payload;
      else if (type === FRAME.HEADERS && flags & END_STREAM) return this.#ended(readHeaderBlock(payload));
    }
    return undefined;
  }

  #ended(trailers: Map<string, Bytes> | undefined): HealthAnswer {
    const code = CODES[Number(trailers?.get('grpc-status') ?? Number.NaN)] ?? 'Unknown';
    if (code !== 'OK') return { code, message: trailers?.get('grpc-message') ?? '' };
    // Its one field: the status, which is left out where it is 0.
    const number = this.#body.length > PREFIX_BYTES + 1 ? this.#body.charCodeAt(PREFIX_BYTES + 1) : 0;
    return { status: STATUSES[number] ?? 'UNKNOWN' };
  }
}

interface Asked {
  path: Bytes | undefined;
  body: Bytes;
}

function responseFrames(stream: number, answer: HealthAnswer): Bytes {
  const ending = (headers: [string, string][]): Frame => ({
    type: FRAME.HEADERS,
    flags: END_HEADERS | END_STREAM,
    stream,
    payload: headerBlock(headers),
  });
  const head: [string, string][] = [
    [':status', '200'],
    ['content-type', 'application/grpc'],
  ];
  if ('code' in answer) {
    const code = String(CODES.indexOf(answer.code));
    return frameBytes(ending([...head, ['grpc-status', code], ['grpc-message', answer.message]]));
  }
  const message = framed(`\x08${String.fromCharCode(STATUSES.indexOf(answer.status))}`);
  return [
    frameBytes({ type: FRAME.HEADERS, flags: END_HEADERS, stream, payload: headerBlock(head) }),
    frameBytes({ type: FRAME.DATA, flags: 0, stream, payload: message }),
    frameBytes(ending([['grpc-status', '0']])),
  ].join('');
}

const answerTo = ({ path, body }: Asked, check: (service: string) => HealthAnswer): HealthAnswer => {
  if (path !== PATH) return { code: 'Unimplemented', message: `unknown method ${path ?? ''}` };
  return check(textOf(serviceIn(body.slice(PREFIX_BYTES))));
};

/** One connection of a server of nothing else. Who speaks another protocol is hung up on. */
export function* serveHealth(connection: Connection, check: (service: string) => HealthAnswer): Run {
  const frames = new FrameReader();
  const streams = new Map<number, Asked>();
  try {
    let begun: Bytes = '';
    while (begun.length < PREFACE.length) {
      const bytes = yield* connection.read();
      begun += bytes;
      if (bytes === '' || !PREFACE.startsWith(begun.slice(0, PREFACE.length))) return;
    }
    yield* connection.write(frameBytes(SETTINGS));
    let come: Bytes = begun.slice(PREFACE.length);
    for (;;) {
      const whole = frames.take(come);
      if (!whole) return;
      for (const frame of whole) yield* connection.write(answerOf(frame, streams, check));
      come = yield* connection.read();
      if (come === '') return;
    }
  } finally {
    connection.close();
  }
}

/** What is to be written for a frame. */
function answerOf(frame: Frame, streams: Map<number, Asked>, check: (service: string) => HealthAnswer): Bytes {
  const { type, flags, stream, payload } = frame;
  if ((type === FRAME.SETTINGS || type === FRAME.PING) && !(flags & ACK)) {
    const acknowledged = type === FRAME.PING ? payload : '';
    return frameBytes({ type, flags: ACK, stream: 0, payload: acknowledged });
  }
  if (type === FRAME.HEADERS) streams.set(stream, { path: readHeaderBlock(payload)?.get(':path'), body: '' });
  const asked = streams.get(stream);
  if (!asked) return '';
  if (type === FRAME.DATA) asked.body += payload;
  if (type === FRAME.RST_STREAM) streams.delete(stream);
  else if (flags & END_STREAM) {
    streams.delete(stream);
    return responseFrames(stream, answerTo(asked, check));
  }
  return '';
}
