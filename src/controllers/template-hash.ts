/** The `pod-template-hash` of a template: a 32-bit FNV-1a, written without vowels. Source: pkg/controller/controller_utils.go. */

/** k8s.io/apimachinery/pkg/util/rand.SafeEncodeString: every character becomes one of these. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

export const safeEncode = (text: string): string =>
  Array.from(text, (character) => SAFE[character.charCodeAt(0) % SAFE.length]).join('');

export function templateHash(template: unknown, collisionCount?: number): string {
  let hash = 0x811c9dc5;
  const text = canonical(template) + (collisionCount === undefined ? '' : `\0${collisionCount}`);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return safeEncode(String(hash >>> 0));
}

/** JSON with sorted keys and without empty values. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? '';
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}
