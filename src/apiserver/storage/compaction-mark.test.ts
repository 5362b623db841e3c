import { expect, it } from 'vitest';
import { markCompaction } from './compaction-mark.ts';
import { pastStorage } from './past-storage.ts';
import type { Proposal, Storage } from './storage.ts';

function recorder(): { storage: Storage; proposals: Proposal[] } {
  const proposals: Proposal[] = [];
  const storage = {
    propose: (proposal: Proposal) => {
      proposals.push(proposal);
      return Promise.resolve({ revision: 8 });
    },
  } as unknown as Storage;
  return { storage, proposals };
}

it('is written once for a revision, and never in the past', async () => {
  const { storage, proposals } = recorder();
  await markCompaction(storage, 7, 7);
  expect(proposals.map(({ steps }) => steps)).toEqual([[[{ put: { key: 'compact_rev_key', value: '7' } }]]]);
  await markCompaction(storage, 7, 8);
  await markCompaction(pastStorage(storage, 7), 7, 7);
  expect(proposals).toHaveLength(1);
});
