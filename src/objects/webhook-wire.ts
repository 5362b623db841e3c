/**
 * What a cluster and a bridge for webhooks say to each other over a WebSocket: calls one way, answers the other, each as JSON in as many
 * messages as it takes, since those may not be long. A message is the call's id, `+` where more follows or `.` in the last, and the text.
 */

/** Characters of one message. */
const PART_CHARACTERS = 256 * 1024;

/** The WebSocket's subprotocol; what a client sends to see that the other side is there, and what it hears. */
export const BRIDGE_PROTOCOL = 'webhooks.diorama.dev';
export const PING = 'ping';
export const PONG = 'pong';

export interface Message {
  id: string;
  value: unknown;
}

export function* partsOf({ id, value }: Message): Generator<string> {
  const text = JSON.stringify(value);
  let from = 0;
  do {
    const part = wholeCharacters(text.slice(from, from + PART_CHARACTERS));
    from += part.length;
    yield `${id}${from < text.length ? '+' : '.'}${part}`;
  } while (from < text.length);
}

/** Halves of a character would not arrive as what they are. */
const wholeCharacters = (text: string): string =>
  text.length > 1 && text.length === PART_CHARACTERS && /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;

const PART = /^([0-9a-f-]+\.\d+)([+.])(.*)$/s;

/** Undefined for what is no part of anything. */
export function readPart(message: string): { id: string; isLast: boolean; text: string } | undefined {
  const [, id, end, text] = PART.exec(message) ?? [];
  return id === undefined || text === undefined ? undefined : { id, isLast: end === '.', text };
}
