import { expect, it } from 'vitest';
import { elementComment, endpointNames, MAX_COMMENT, MAX_NAME } from './nftables-names.ts';

it('cuts names and comments to what nftables takes', () => {
  const chain = (length: number): string => {
    const service = { namespace: 'n', name: 's'.repeat(length), protocol: 'TCP', portName: 'p' };
    const { chain } = endpointNames(service as never, { ip: '10.0.0.1', port: 80 } as never);
    return chain.slice('endpoint-'.length);
  };
  const room = MAX_NAME - (chain(1).length - 1);
  expect(chain(room)).toHaveLength(MAX_NAME);
  expect(chain(room)).toMatch(/10\.0\.0\.1\/80$/);
  expect(chain(room + 1)).toHaveLength(MAX_NAME);
  expect(chain(room + 1)).toMatch(/__10\.0\.0\.\.\.\.$/);
  const comment = 'c'.repeat(MAX_COMMENT);
  expect([elementComment(comment), elementComment(`${comment}d`)]).toEqual([comment, comment]);
});
