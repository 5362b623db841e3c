/** A node's chance: one 32-bit word of state, so that it is stored with the rest. Source: Tommy Ettinger's mulberry32. */

export interface Chance {
  chance: number;
}

/** A whole number from 0 to `below` - 1. */
export function drawInteger(state: Chance, below: number): number {
  state.chance = (state.chance + 0x6d2b79f5) | 0;
  let word = Math.imul(state.chance ^ (state.chance >>> 15), state.chance | 1);
  word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
  return Math.floor((((word ^ (word >>> 14)) >>> 0) / 0x1_0000_0000) * below);
}
