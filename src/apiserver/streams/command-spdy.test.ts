import { describe, expect, it } from 'vitest';
import { CommandSpdy, MAX_EARLY_BYTES } from './command-spdy.ts';
import { type Frame, FrameReader, FrameWriter } from './spdy/frames.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function opened(query = 'stdout=true') {
  const [reader, writer] = [new FrameReader(), new FrameWriter()];
  const told: Frame[] = [];
  const asked: number[][] = [];
  let left = 0;
  const spdy = new CommandSpdy(new URLSearchParams(query), {
    toClient: (sent) => told.push(...reader.push(sent)),
    toServer: (message) => asked.push([...message]),
    left: () => left++,
  });
  const send = (frame: Exclude<Frame, { type: 'other' }>): void => spdy.fromClient(writer.write(frame));
  const stream = (number: number, streamtype: string, fin = false): void =>
    send({ type: 'synStream', stream: number, headers: new Map([['streamtype', streamtype]]), fin });
  const say = (channel: number, text: string): void => spdy.fromServer(Uint8Array.from([channel, ...bytes(text)]));
  return { told, asked, spdy, send, stream, say, left: () => left };
}

describe('a command by SPDY', () => {
  it('has its streams for channels', () => {
    const { told, asked, send, stream, say } = opened();
    for (const [i, type] of ['error', 'stdin', 'stdout', 'stderr', 'resize'].entries()) stream(2 * i + 1, type);
    expect(told.splice(0).map(({ type }) => type)).toEqual(new Array(5).fill('synReply'));
    send({ type: 'data', stream: 3, bytes: bytes('a'), fin: false });
    send({ type: 'data', stream: 9, bytes: bytes('{}'), fin: false });
    send({ type: 'data', stream: 5, bytes: bytes('nobody reads it'), fin: false });
    send({ type: 'data', stream: 3, bytes: bytes(''), fin: true });
    expect(asked).toEqual([
      [0, 97],
      [4, ...bytes('{}')],
      [255, 0],
    ]);
    say(1, 'out');
    say(2, 'err');
    expect(told).toEqual([
      { type: 'data', stream: 5, bytes: bytes('out'), fin: false },
      { type: 'data', stream: 7, bytes: bytes('err'), fin: false },
    ]);
  });

  it('keeps what comes before its stream, and ends when all was told', () => {
    const { told, spdy, stream, say, left } = opened();
    stream(1, 'stdout');
    say(1, 'a');
    say(3, '{"status":"Success"}');
    spdy.end();
    expect(left()).toBe(0);
    told.length = 0;
    stream(3, 'error');
    expect(told).toEqual([
      { type: 'synReply', stream: 3, headers: new Map(), fin: false },
      { type: 'data', stream: 3, bytes: bytes('{"status":"Success"}'), fin: false },
      { type: 'data', stream: 1, bytes: bytes(''), fin: true },
      { type: 'data', stream: 3, bytes: bytes(''), fin: true },
      { type: 'goAway', lastStream: 0 },
    ]);
    expect(left()).toBe(1);
  });

  it('is over when each stream that was asked for is there', () => {
    const { spdy, stream, left } = opened('stdin=true&stdout=true&stderr=false&tty=true');
    spdy.end();
    for (const [i, type] of ['error', 'stdin', 'stdout'].entries()) stream(2 * i + 1, type);
    expect(left()).toBe(0);
    stream(7, 'resize');
    expect(left()).toBe(1);
  });

  it('keeps as much as it may, and no more', () => {
    const kept = (length: number): number => {
      const { told, stream, say } = opened();
      say(1, 'x'.repeat(length));
      stream(1, 'stdout');
      return told.length - 1;
    };
    expect(kept(MAX_EARLY_BYTES)).toBe(1);
    expect(kept(MAX_EARLY_BYTES + 1)).toBe(0);
  });

  it('tells once what went wrong inside', () => {
    const { told, stream, say } = opened();
    stream(1, 'error');
    say(3, '{"message":"Internal error occurred: Internal error occurred: no"}');
    expect(told.at(-1)).toMatchObject({ bytes: bytes('{"message":"Internal error occurred: no"}') });
  });

  it('resets streams that it does not know, or knows already, and answers pings', () => {
    const { told, send, stream, left } = opened();
    stream(1, 'stdin');
    stream(3, 'stdin');
    stream(5, 'other');
    send({ type: 'ping', id: 1 });
    send({ type: 'ping', id: 2 });
    expect(told.slice(1)).toEqual([
      { type: 'reset', stream: 3, status: 1 },
      { type: 'reset', stream: 5, status: 1 },
      { type: 'ping', id: 1 },
    ]);
    send({ type: 'goAway', lastStream: 0 });
    expect(left()).toBe(1);
  });

  it('has no input when its stream is closed from the beginning', () => {
    const { asked, stream } = opened();
    stream(1, 'stdin', true);
    expect(asked).toEqual([[255, 0]]);
  });
});
