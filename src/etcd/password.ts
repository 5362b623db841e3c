/** Passwords of etcd's users are kept as salted PBKDF2 digests. */

const ITERATIONS = 10_000;
const encoder = new TextEncoder();

export async function hashPassword(password: string, salt: Uint8Array): Promise<string> {
  return `${hex(salt)}:${hex(await derive(password, salt))}`;
}

export async function verifyPassword(password: string, kept: string): Promise<boolean> {
  const [salt = '', digest = ''] = kept.split(':');
  const bytes = Uint8Array.from(salt.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const derived = hex(await derive(password, bytes));
  let difference = derived.length ^ digest.length;
  for (let i = 0; i < derived.length; i++) difference |= derived.charCodeAt(i) ^ digest.charCodeAt(i);
  return difference === 0;
}

async function derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', encoder.encode(password), 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt: salt as BufferSource, iterations: ITERATIONS };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters as never, key, 256));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
