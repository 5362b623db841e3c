/** The shares that were measured when the code was last made faster, and whether one is worse by now. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compared } from './comparison.ts';

const FILE = join(import.meta.dirname, 'baseline.json');

/** By how much a share may be less than it was. */
const TOLERANCE = 0.15;

type Shares = Record<string, { ofBare: number; ofReal?: number }>;

const nameOf = ({ row, connections }: Compared): string => `${row}, ${connections}`;
const rounded = (share: number): number => Number(share.toFixed(3));

export function writeBaseline(compared: readonly Compared[]): void {
  const shares: Shares = Object.fromEntries(
    compared.map((one) => [
      nameOf(one),
      { ofBare: rounded(one.ofBare), ...(one.ofReal === undefined ? {} : { ofReal: rounded(one.ofReal) }) },
    ]),
  );
  writeFileSync(FILE, `${JSON.stringify(shares, null, 2)}\n`);
}

/** What is worse than the baseline by more than the tolerance, a line each. */
export function worseThanBaseline(compared: readonly Compared[]): string[] {
  const shares = JSON.parse(readFileSync(FILE, 'utf8')) as Shares;
  return compared.flatMap((one) => {
    const before = shares[nameOf(one)];
    if (!before) return [`${nameOf(one)}: the baseline has no such row`];
    return (['ofBare', 'ofReal'] as const).flatMap((of) => {
      const [was, is] = [before[of], one[of]];
      if (was === undefined || is === undefined || is >= was * (1 - TOLERANCE)) return [];
      return [`${nameOf(one)}: ${of} was ${was.toFixed(2)} and is ${is.toFixed(2)}`];
    });
  });
}
