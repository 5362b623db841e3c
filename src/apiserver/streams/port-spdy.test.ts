import { describe, expect, it } from 'vitest';
import { MAX_HALVES, PortSpdy } from './port-spdy.ts';
import { type Frame, FrameReader, FrameWriter, SpdyError } from './spdy/frames.ts';

type Sent = Exclude<Frame, { type: 'other' }>;

function opened() {
  const asked: unknown[][] = [];
  const told: Frame[] = [];
  const reader = new FrameReader();
  const writer = new FrameWriter();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const ports = new PortSpdy(
    {
      open: (...args) => asked.push(['open', ...args]),
      write: (connection, bytes) => asked.push(['write', connection, text(bytes)]),
      end: (...args) => asked.push(['end', ...args]),
      close: (...args) => asked.push(['close', ...args]),
    },
    (bytes) => told.push(...reader.push(bytes)),
    () => asked.push(['over']),
  );
  const send = (frame: Sent): void => {
    const bytes = writer.write(frame);
    ports.received(bytes.slice().buffer);
  };
  const stream = (stream: number, headers: Record<string, string>): void =>
    send({ type: 'synStream', stream, headers: new Map(Object.entries(headers)), fin: false });
  return { asked, told, ports, send, stream };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('port-forwarding by SPDY', () => {
  it('opens a connection when both of its streams are there, whichever came first', () => {
    const { asked, told, stream } = opened();
    stream(1, { streamType: 'error', port: '80', requestID: '0' });
    expect(asked).toEqual([]);
    stream(3, { streamType: 'data', port: '80', requestID: '0' });
    stream(5, { streamType: 'data', port: '81', requestID: '1' });
    stream(7, { streamType: 'error', port: '81', requestID: '1' });
    expect(asked).toEqual([
      ['open', 3, 80],
      ['open', 5, 81],
    ]);
    expect(told.map((frame) => frame.type)).toEqual(['synReply', 'synReply', 'synReply', 'synReply']);
  });

  it('pairs streams of clients that give no ids', () => {
    const { asked, stream } = opened();
    stream(1, { streamType: 'error', port: '80' });
    stream(3, { streamType: 'data', port: '80' });
    expect(asked).toEqual([['open', 3, 80]]);
  });

  it('carries bytes both ways until either side ends', () => {
    const { asked, told, ports, send, stream } = opened();
    stream(1, { streamType: 'error', port: '80', requestID: '0' });
    stream(3, { streamType: 'data', port: '80', requestID: '0' });
    asked.length = told.length = 0;
    send({ type: 'data', stream: 3, bytes: bytes('GET'), fin: false });
    send({ type: 'data', stream: 3, bytes: bytes(''), fin: true });
    expect(asked).toEqual([
      ['write', 3, 'GET'],
      ['end', 3],
    ]);
    ports.data(3, bytes('200'));
    ports.ended(3);
    ports.data(3, bytes('nobody hears it'));
    expect(told).toEqual([
      { type: 'data', stream: 3, bytes: bytes('200'), fin: false },
      { type: 'data', stream: 3, bytes: bytes(''), fin: true },
      { type: 'data', stream: 1, bytes: bytes(''), fin: true },
    ]);
  });

  it('says why nobody listens, and resets both streams', () => {
    const { told, ports, stream } = opened();
    stream(1, { streamType: 'error', port: '81', requestID: '0' });
    stream(3, { streamType: 'data', port: '81', requestID: '0' });
    told.length = 0;
    ports.refused(3, 'refused');
    expect(told).toEqual([
      { type: 'data', stream: 1, bytes: bytes('refused'), fin: false },
      { type: 'reset', stream: 3, status: 5 },
      { type: 'reset', stream: 1, status: 5 },
    ]);
  });

  it.each([
    { streamType: 'data' },
    { port: '80' },
    { streamType: 'other', port: '80' },
    { streamType: 'data', port: '0' },
  ])('resets a stream with headers %o', (headers) => {
    const { told, stream } = opened();
    stream(1, headers as Record<string, string>);
    expect(told).toEqual([{ type: 'reset', stream: 1, status: 1 }]);
  });

  it('answers pings of the client, hears its end, and closes what it resets', () => {
    const { asked, told, send, stream } = opened();
    send({ type: 'ping', id: 1 });
    send({ type: 'ping', id: 2 });
    expect(told).toEqual([{ type: 'ping', id: 1 }]);
    stream(1, { streamType: 'error', port: '80', requestID: '0' });
    stream(3, { streamType: 'data', port: '80', requestID: '0' });
    send({ type: 'reset', stream: 3, status: 5 });
    send({ type: 'goAway', lastStream: 0 });
    expect(asked).toEqual([['open', 3, 80], ['close', 3], ['over']]);
  });

  it('keeps as many streams waiting for their other half as it may, and no more', () => {
    const { told, stream } = opened();
    for (let i = 0; i <= MAX_HALVES; i++) stream(2 * i + 1, { streamType: 'error', port: '80', requestID: String(i) });
    expect(told.filter((frame) => frame.type === 'synReply')).toHaveLength(MAX_HALVES);
    expect(told.at(-1)).toEqual({ type: 'reset', stream: 2 * MAX_HALVES + 1, status: 3 });
  });

  it('refuses what is no SPDY', () => {
    const { ports } = opened();
    expect(() => ports.received(bytes('GET / HTTP/1.1\r\nhost: a\r\n\r\n').slice().buffer)).toThrow(SpdyError);
  });
});
