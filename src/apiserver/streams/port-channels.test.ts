import { describe, expect, it } from 'vitest';
import { PORT_PROTOCOLS } from './channel-protocol.ts';
import { MAX_NAMED_PORTS, namedPorts, PortChannels } from './port-channels.ts';

function opened(ports: number[]) {
  const asked: unknown[][] = [];
  const told: (string | number[])[] = [];
  const channels = new PortChannels(
    PORT_PROTOCOLS[0]!,
    ports,
    {
      open: (...args) => asked.push(['open', ...args]),
      write: (connection, bytes) => asked.push(['write', connection, [...bytes]]),
      end: (...args) => asked.push(['end', ...args]),
      close: (...args) => asked.push(['close', ...args]),
    },
    (message) => told.push(typeof message === 'string' ? message : [...message]),
    () => asked.push(['over']),
  );
  channels.begin();
  return { asked, told, channels };
}

describe('port-forwarding by channels', () => {
  it('says each port on both of its channels, and opens them', () => {
    const { asked, told } = opened([80, 8080]);
    expect(told).toEqual([
      [0, 80, 0],
      [1, 80, 0],
      [2, 0x90, 0x1f],
      [3, 0x90, 0x1f],
    ]);
    expect(asked).toEqual([
      ['open', 0, 80],
      ['open', 1, 8080],
    ]);
  });

  it('carries bytes by the channels with even numbers', () => {
    const { asked, told, channels } = opened([80, 81]);
    asked.length = told.length = 0;
    channels.received(Uint8Array.from([2, 7, 8]).buffer);
    channels.received(Uint8Array.from([3, 7]).buffer);
    channels.received(Uint8Array.from([4, 7]).buffer);
    expect(asked).toEqual([['write', 1, [7, 8]]]);
    channels.data(1, Uint8Array.from([9]));
    expect(told).toEqual([[2, 9]]);
  });

  it('is of as many ports as a request may name, and no more', () => {
    const named = (count: number) =>
      namedPorts(new URLSearchParams(Array.from({ length: count }, (_, i) => ['ports', String(i + 1)])));
    expect(named(MAX_NAMED_PORTS)).toHaveLength(MAX_NAMED_PORTS);
    expect(named(MAX_NAMED_PORTS + 1)).toBe(`more than ${MAX_NAMED_PORTS} ports`);
    expect(named(0)).toBe('query parameter "port" is required');
  });

  it('is over when none of them is left', () => {
    const { asked, told, channels } = opened([80, 81]);
    asked.length = told.length = 0;
    channels.refused(1, 'no');
    expect(told).toEqual([[3, 110, 111]]);
    expect(asked).toEqual([]);
    channels.ended(0);
    expect(asked).toEqual([['over']]);
  });
});
