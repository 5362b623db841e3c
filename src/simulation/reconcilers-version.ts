/** Which reconcilers there are, as a number that is stored with what they have acted on. */

/**
 * To be raised when a reconciler that was there before comes to do more with what is there already: at their next start all clusters look
 * at everything once. A reconciler that is new by its name needs no such thing.
 */
const RECONCILERS_VERSION = 1;

/** A number that differs when the set of reconcilers does (FNV-1a); never 0. */
export function versionOf(names: string[]): number {
  let hash = 0x811c9dc5;
  for (const character of `${RECONCILERS_VERSION} ${names.toSorted().join(' ')}`)
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0 || 1;
}
