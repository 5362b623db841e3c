import { expect, it } from 'vitest';
import { MembersConsensus } from './consensus.ts';
import { killMember, startMember } from './faults.ts';
import { foundEtcdMembers } from './founding.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

it('lets nobody wait for ever whose time stands still', async () => {
  const founders = [0, 1, 2].map((i) => ({
    name: `m${i}`,
    peerURL: `http://m${i}:2380`,
    clientURL: `http://m${i}:2379`,
  }));
  const members = foundEtcdMembers({ name: 'test', founders, now: START, seed: 1 });
  let waits = 0;
  const ports = { now: () => START, wait: async () => void waits++, maxWaits: 3 };
  const consensus = new MembersConsensus(members, ports);
  await consensus.admit('write');
  const [a, b] = members.state.roster.map(({ id }) => id);
  killMember(members, START, a!);
  killMember(members, START, b!);
  await expect(consensus.admit('write')).rejects.toThrow();
  expect(waits).toBe(3);
  startMember(members, START, a!);
  expect(members.isWaiting).toBe(false);
});
