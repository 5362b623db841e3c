/** What a packet is to be translated to, as both languages write it. */
import { type PortRange, packetAddress, portRange } from './packet.ts';
import type { Translation } from './rule-set.ts';
import type { Words } from './words.ts';

export function translatedPorts(words: Words, text: string): PortRange {
  // A port to begin with may follow a slash, with --random.
  const range = portRange(text.split('/')[0]!, '-');
  if (!range) throw words.error(`"${text}" is not a port`);
  return range;
}

/** Of `10.0.0.1:80`, `10.0.0.1-10.0.0.9`, `[fd00::1]:80`, `:80`, `fd00::1`. */
export function translation(words: Words, text: string): Translation {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(text);
  const plain = /^([^:]*)(?::(.+))?$/.exec(text);
  const [, addresses = '', ports] = bracketed ?? plain ?? ['', text];
  const to: Translation = {};
  if (addresses) {
    const [first, last, ...more] = addresses.split('-').map((part) => packetAddress(part));
    if (!first || more.length > 0 || (addresses.includes('-') && !last))
      throw words.error(`"${addresses}" is no address`);
    to.addresses = { first, last: last ?? first };
  }
  if (ports) to.ports = translatedPorts(words, ports);
  return to;
}
