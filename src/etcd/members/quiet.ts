/**
 * Members whom nothing happens to need no computing: all that is due is put off by as much as passes. A state that is right at one instant
 * is right at any other.
 */
import type { Simulation } from './simulation.ts';

/** Milliseconds after which members that nobody asks anything have come to rest: a leader is elected, or there will be none. */
export const SETTLES_WITHIN = 20_000;

/** Everything that is due is so much later, and was always to be. */
export function putOff(simulation: Simulation, milliseconds: number): void {
  simulation.now += milliseconds;
  for (const event of simulation.events) event.at += milliseconds;
  const { lastArrival } = simulation.network;
  for (const key of Object.keys(lastArrival).map(Number)) lastArrival[key]! += milliseconds;
}
