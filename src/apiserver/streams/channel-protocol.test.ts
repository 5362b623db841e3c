import { describe, expect, it } from 'vitest';
import {
  type ChannelProtocol,
  COMMAND_PROTOCOLS,
  channelMessage,
  chosenProtocol,
  offeredProtocols,
  PORT_PROTOCOLS,
  readChannelMessage,
} from './channel-protocol.ts';

type Five = [ChannelProtocol, ChannelProtocol, ChannelProtocol, ChannelProtocol, ChannelProtocol];
const [v5, v4, v4Base64, v1, v1Base64] = COMMAND_PROTOCOLS as Five;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const buffer = (...values: number[]): ArrayBuffer => Uint8Array.from(values).buffer;
const offering = (header: string): string[] =>
  offeredProtocols(new Request('http://cluster/', { headers: { 'sec-websocket-protocol': header } }));

describe('the channel protocol', () => {
  it('is the first on offer that is known, never the one with the token', () => {
    const token = 'base64url.bearer.authorization.k8s.io.abc';
    expect(chosenProtocol(offering(`${token}, v5.channel.k8s.io, v4.channel.k8s.io`), COMMAND_PROTOCOLS)).toBe(v5);
    expect(chosenProtocol(offering('v9.channel.k8s.io, base64.channel.k8s.io'), COMMAND_PROTOCOLS)).toBe(v1Base64);
    expect(chosenProtocol(offering('v9.channel.k8s.io'), COMMAND_PROTOCOLS)).toBeUndefined();
    expect(chosenProtocol(offering('v5.channel.k8s.io'), PORT_PROTOCOLS)).toBeUndefined();
    expect(chosenProtocol(offering(token), COMMAND_PROTOCOLS)?.name).toBe('');
    expect(chosenProtocol(offeredProtocols(new Request('http://cluster/')), COMMAND_PROTOCOLS)?.name).toBe('');
  });

  it('has the channel before its bytes', () => {
    expect(readChannelMessage(v4, buffer(0, 104, 105))).toEqual({ channel: 0, bytes: bytes(104, 105) });
    expect(channelMessage(v4, 1, bytes(10))).toEqual(bytes(1, 10));
    expect(channelMessage(v1, 2, bytes())).toEqual(bytes(2));
  });

  it('has the same as text in base64', () => {
    expect(readChannelMessage(v1Base64, '0Zm9vCgo=')).toEqual({ channel: 0, bytes: bytes(102, 111, 111, 10, 10) });
    expect(channelMessage(v4Base64, 1, bytes(10))).toBe('1Cg==');
    expect(readChannelMessage(v4Base64, '0*')).toBeUndefined();
  });

  it('closes a channel in its fifth version only', () => {
    expect(readChannelMessage(v5, buffer(255, 0))).toEqual({ closed: 0 });
    expect(readChannelMessage(v5, buffer(255))).toBeUndefined();
    expect(readChannelMessage(v4, buffer(255, 0))).toEqual({ channel: 255, bytes: bytes(0) });
  });

  it('says nothing with an empty message', () => {
    expect(readChannelMessage(v5, buffer())).toBeUndefined();
    expect(readChannelMessage(v1Base64, '')).toBeUndefined();
  });
});
