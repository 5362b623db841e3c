/** How far a packet is handed on. */
import { expect, it } from 'vitest';
import { createRandom } from '../../simulation/random.ts';
import { drawnChance } from './chance.ts';
import { connect, MAX_HOPS } from './connect.ts';
import { Notes } from './notes.ts';
import { packetAddress } from './packet.ts';
import { hooksOf } from './pass-host.ts';
import { RouteTable } from './routes.ts';
import type { World, WorldNode } from './world.ts';

/** Nodes in a row, each of which knows the next only; the last one is the target. */
function row(length: number): World {
  const address = (place: number) => packetAddress(`10.0.0.${place + 1}`)!;
  const nodes = Array.from(
    { length },
    (_, place): WorldNode => ({
      name: `n${place}`,
      addresses: [address(place)],
      gateways: [],
      routes: new RouteTable([{ to: '0.0.0.0/0', via: address(place + 1), device: 'eth0' }]),
    }),
  );
  return {
    nodes,
    node: (name) => nodes.find((node) => node.name === name),
    nodeAt: (text) => nodes.find(({ addresses }) => addresses[0]!.text === text),
    pod: () => undefined,
    podAt: () => undefined,
    service: () => undefined,
    isExternal: () => false,
    hooks: () => hooksOf([]),
    notes: () => new Notes(),
    policies: [],
    listens: () => true,
  };
}

it('ends when its hop limit is used up', () => {
  const across = (length: number) =>
    connect(
      row(length),
      { from: { node: 'n0' }, to: { node: `n${length - 1}` }, port: 80, protocol: 'tcp' },
      { chance: drawnChance(createRandom('a', 'b')), now: 0 },
    );
  expect(across(MAX_HOPS)).toMatchObject({ verdict: 'accepted', node: `n${MAX_HOPS - 1}` });
  expect(across(MAX_HOPS + 1)).toMatchObject({ verdict: 'unreachable', because: expect.stringMatching(/circles/) });
});
