/** The IPAM plugin of a plugin: it is handed the whole configuration. */
import type { PluginCall } from './plugin.ts';
import { configVersion } from './plugin-main.ts';
import { type Result, readResult, toCurrent } from './result.ts';
import { OLDEST_VERSION } from './versions.ts';

/** Its result in the present form. Throws `CNIError`. */
export function addByIPAM(call: PluginCall, ipam: string): Result {
  const printed = (call.delegate(ipam, 'ADD') ?? {}) as Record<string, unknown>;
  const { cniVersion } = printed;
  // An answer that names no version is in that of the configuration.
  const version = typeof cniVersion === 'string' && cniVersion !== '' ? cniVersion : configVersion(call.config);
  return toCurrent(readResult(version, { ...printed, cniVersion: version || OLDEST_VERSION }));
}

/** Undoing on the way out of a failure: what goes wrong then is told to nobody. */
export function releaseByIPAM(call: PluginCall, ipam: string): void {
  try {
    call.delegate(ipam, 'DEL');
  } catch {
    // The first failure is the one that counts.
  }
}
