/**
 * The rules of a long chain by what they ask of a packet's addresses, protocol and port, so that a packet meets those that can hold
 * for it and no others. The kernel looks at one after the other; how many it would have looked at is told all the same.
 */
import { isOneAddress, type Packet, rangeStart } from './packet.ts';
import type { Chain, Match, Rule, Step } from './rule-set.ts';

/** Shorter chains are gone through. */
export const INDEXED_RULES = 16;

const DESTINATION = 1;
const PROTOCOL = 2;
const PORT = 4;
const SOURCE = 8;

interface Key {
  shape: number;
  destination: string;
  source: string;
  protocol: string;
  port: number;
}

const keyText = (shape: number, k: Omit<Key, 'shape'>): string =>
  `${shape & DESTINATION ? k.destination : ''} ${shape & SOURCE ? k.source : ''} ${shape & PROTOCOL ? k.protocol : ''} ${
    shape & PORT ? k.port : ''
  }`;

/** Whether a step does nothing but look: later ones may be looked at before it. */
const isPure = (step: Step): step is Match => 'match' in step && step.match !== 'random' && step.match !== 'recent';

function keyOf(rule: Rule): Key {
  const key: Key = { shape: 0, destination: '', source: '', protocol: '', port: 0 };
  for (const step of rule.steps) {
    if (!isPure(step)) break;
    if (!step.not) addToKey(key, step);
  }
  return key;
}

function addToKey(key: Key, match: Match): void {
  if (match.match === 'address' && match.ranges.length === 1 && isOneAddress(match.ranges[0]!)) {
    key.shape |= match.side === 'source' ? SOURCE : DESTINATION;
    key[match.side] = rangeStart(match.ranges[0]!);
  } else if (match.match === 'protocol' && match.protocols.length === 1) {
    key.shape |= PROTOCOL;
    key.protocol = match.protocols[0] ?? 'none';
  } else if (match.match === 'port' && match.side === 'destination' && match.ranges.length === 1) {
    const { first, last } = match.ranges[0]!;
    if (first !== last) return;
    key.shape |= PORT;
    key.port = first;
  }
}

export interface ChainIndex {
  rules: Rule[];
  /** By shape, then by key: places in `rules`, in their order. */
  byShape: Map<number, Map<string, number[]>>;
  unkeyed: number[];
}

const indexes = new WeakMap<Chain, ChainIndex>();

export function indexOf(chain: Chain): ChainIndex {
  const known = indexes.get(chain);
  if (known) return known;
  const index: ChainIndex = { rules: chain.rules(), byShape: new Map(), unkeyed: [] };
  const keyed = index.rules.length > INDEXED_RULES;
  index.rules.forEach((rule, place) => {
    const key = keyed ? keyOf(rule) : undefined;
    if (!key?.shape) {
      index.unkeyed.push(place);
      return;
    }
    const keys = index.byShape.get(key.shape) ?? new Map<string, number[]>();
    index.byShape.set(key.shape, keys);
    const text = keyText(key.shape, key);
    const places = keys.get(text);
    if (places) places.push(place);
    else keys.set(text, [place]);
  });
  indexes.set(chain, index);
  return index;
}

/** Places of the rules that may hold for a packet, in their order. */
export function placesFor(index: ChainIndex, packet: Packet): readonly number[] {
  let places = index.unkeyed;
  for (const [shape, keys] of index.byShape) {
    const found = keys.get(
      keyText(shape, {
        destination: packet.destination.text,
        source: packet.source.text,
        protocol: packet.protocol,
        port: packet.destinationPort,
      }),
    );
    if (found) places = places.length === 0 ? found : [...places, ...found].sort((a, b) => a - b);
  }
  return places;
}
