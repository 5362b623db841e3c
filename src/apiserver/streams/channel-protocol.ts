/**
 * The channel protocols over WebSocket: each message belongs to a numbered channel, as bytes or in base64.
 * Source: k8s.io/streaming/pkg/httpstream/wsstream, and `v5.channel.k8s.io` as client-go speaks it.
 */
import { decodeBase64, encodeBase64 } from '../../simulation/base64.ts';
import { WEBSOCKET_BEARER } from '../identity/authentication.ts';

export interface ChannelProtocol {
  name: string;
  isBase64: boolean;
  /** A channel can be closed by itself (`v5`). */
  canClose: boolean;
  /** How a session ended is told as a Status (`v4`), not as the error's words. */
  tellsStatus: boolean;
}

const V5: ChannelProtocol = { name: 'v5.channel.k8s.io', isBase64: false, canClose: true, tellsStatus: true };
const V4: ChannelProtocol = { name: 'v4.channel.k8s.io', isBase64: false, canClose: false, tellsStatus: true };
const V4_BASE64: ChannelProtocol = { ...V4, name: 'v4.base64.channel.k8s.io', isBase64: true };
const V1: ChannelProtocol = { ...V4, name: 'channel.k8s.io', tellsStatus: false };
const V1_BASE64: ChannelProtocol = { ...V1, name: 'base64.channel.k8s.io', isBase64: true };
/** Whoever offers none is taken to speak the first there was. */
const UNNAMED: ChannelProtocol = { ...V1, name: '' };

export const COMMAND_PROTOCOLS: readonly ChannelProtocol[] = [V5, V4, V4_BASE64, V1, V1_BASE64, UNNAMED];
export const PORT_PROTOCOLS: readonly ChannelProtocol[] = [V4, V4_BASE64, UNNAMED];

/** The subprotocols that a client offers, in its order, without the one that carries its token. */
export function offeredProtocols(request: Request): string[] {
  const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  const named = offered.filter((name) => name !== '' && !name.startsWith(WEBSOCKET_BEARER));
  return named.length > 0 ? named : [''];
}

/** The first of those offered that is known. */
export function chosenProtocol(
  offered: readonly string[],
  known: readonly ChannelProtocol[],
): ChannelProtocol | undefined {
  for (const name of offered) {
    const found = known.find((protocol) => protocol.name === name);
    if (found) return found;
  }
  return undefined;
}

/** A message without its number closes nothing and says nothing. */
export type ChannelMessage = { channel: number; bytes: Uint8Array } | { closed: number };

const CLOSE = 255;
const ZERO = '0'.charCodeAt(0);

/** What a client's message says; undefined: nothing that anybody could read. */
export function readChannelMessage(
  { isBase64, canClose }: ChannelProtocol,
  message: string | ArrayBuffer,
): ChannelMessage | undefined {
  const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : new Uint8Array(message);
  const first = bytes[0];
  if (first === undefined) return undefined;
  if (canClose && first === CLOSE) return bytes.length === 2 ? { closed: bytes[1]! } : undefined;
  if (!isBase64) return { channel: first, bytes: bytes.subarray(1) };
  try {
    return { channel: first - ZERO, bytes: decodeBase64(new TextDecoder().decode(bytes.subarray(1))) };
  } catch {
    return undefined;
  }
}

export function channelMessage(
  { isBase64 }: ChannelProtocol,
  channel: number,
  bytes: Uint8Array,
): string | Uint8Array<ArrayBuffer> {
  if (isBase64) return String.fromCharCode(ZERO + channel) + encodeBase64(bytes);
  const message = new Uint8Array(bytes.length + 1);
  message[0] = channel;
  message.set(bytes, 1);
  return message;
}
