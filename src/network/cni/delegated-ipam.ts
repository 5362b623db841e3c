/** The IPAM plugin of a plugin: it is handed the whole configuration. */
import type { PluginCall } from './plugin.ts';
import { configVersion } from './plugin-main.ts';
import { type Result, readPrinted, toCurrent } from './result.ts';

/** Its result in the present form. Throws `CNIError`. */
export function addByIPAM(call: PluginCall, ipam: string): Result {
  const printed = call.delegate(ipam, 'ADD');
  return toCurrent(readPrinted(printed, configVersion(call.config)));
}

/** Undoing on the way out of a failure: what goes wrong then is told to nobody. */
export function releaseByIPAM(call: PluginCall, ipam: string): void {
  try {
    call.delegate(ipam, 'DEL');
  } catch {
    // The first failure is the one that counts.
  }
}
