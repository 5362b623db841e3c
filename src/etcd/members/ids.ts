/** etcd's 64-bit ids, made from what they stand for: the same cluster has the same ones. FNV-1a, as an unsigned decimal. */
export function hash64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    hash = ((hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return String(hash);
}
