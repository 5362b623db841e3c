/** Kubernetes' quantities, as far as processors are counted in them. */

const FACTORS: Record<string, number> = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3 };

/** `250m` is a quarter of a core; 0 for what cannot be read. */
export function coresOf(quantity: string | number | undefined): number {
  const [, digits, unit] = /^([\d.]+)([numk]?)$/.exec(String(quantity ?? '')) ?? [];
  return digits === undefined ? 0 : Number(digits) * FACTORS[unit!]!;
}
