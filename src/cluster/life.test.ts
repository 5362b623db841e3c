import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { LateKeys, type Life } from './life.ts';
import { createAuthorities } from './signatures.ts';

/** Keys of a life of an earlier version; each making has a name of its own. */
function lateKeys() {
  const life = { epoch: 'e', rootCA: '', spec: { clock: { start: 7 } } } as Life;
  const told = { made: 0, kept: 0, fails: false };
  const make = async (): Promise<LooseObject> => {
    const name = ++told.made;
    await Promise.resolve();
    if (told.fails) throw new Error('no');
    return { name };
  };
  const keep = () => {
    told.kept++;
  };
  return { life, told, keys: new LateKeys(life, keep, { tokenKey: make, authorities: make }) };
}

describe.each(['tokenKey', 'authorities'] as const)('late in a life: %s', (key) => {
  it('are made once, however many ask at once', async () => {
    const { life, told, keys } = lateKeys();
    const all = await Promise.all([keys[key](), keys[key](), keys[key]()]);
    expect(new Set([...all, life[key], await keys[key]()]).size).toBe(1);
    expect(told).toMatchObject({ made: 1, kept: 1 });
  });

  it('are made again when their making failed', async () => {
    const { life, told, keys } = lateKeys();
    told.fails = true;
    await expect(Promise.allSettled([keys[key](), keys[key]()])).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
    told.fails = false;
    expect(await keys[key]()).toEqual({ name: 2 });
    expect(life[key]).toEqual({ name: 2 });
    expect(told).toMatchObject({ made: 2, kept: 1 });
  });
});

it('clusters that are made at once have the same front proxy’s authority', async () => {
  const [one, other] = await Promise.all([createAuthorities(3600_000), createAuthorities(3600_000)]);
  expect(one.frontProxyCA).toBe(other.frontProxyCA);
  expect(one.client.certificate).not.toBe(other.client.certificate);
});
