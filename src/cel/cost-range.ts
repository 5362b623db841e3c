/** Sizes and costs that are known only as from so much to so much. They end at 2^64 - 1, as cel-go's do. */
import { MAX_UINT } from './value.ts';

export interface Range {
  min: bigint;
  max: bigint;
}

export const fixed = (size: bigint | number): Range => ({ min: BigInt(size), max: BigInt(size) });
export const NOTHING: Range = fixed(0);
export const ONE: Range = fixed(1);
export const UNKNOWN: Range = { min: 0n, max: MAX_UINT };

const capped = (value: bigint): bigint => (value > MAX_UINT ? MAX_UINT : value);

export const plus = (a: Range, b: Range): Range => ({ min: capped(a.min + b.min), max: capped(a.max + b.max) });
export const times = (a: Range, b: Range): Range => ({ min: capped(a.min * b.min), max: capped(a.max * b.max) });
export function least(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

export function most(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

export const union = (a: Range, b: Range): Range => ({ min: least(a.min, b.min), max: most(a.max, b.max) });

/** In floating point, rounded up. */
export function scale(value: bigint, factor: number): bigint {
  const product = Math.ceil(Number(value) * factor);
  return product >= 2 ** 64 ? MAX_UINT : capped(BigInt(product));
}

export const scaled = (range: Range, factor: number): Range => ({
  min: scale(range.min, factor),
  max: scale(range.max, factor),
});

export const sumOf = (ranges: readonly Range[]): Range => ranges.reduce(plus, NOTHING);
