/** `#spec=…`: the body of `POST /v1/clusters`, as base64url of raw deflate of its JSON. */
import type { Wish } from './address.ts';
import type { ClusterRequest } from './platform.gen.ts';

/** Bytes of JSON that are unpacked; the server takes no more in a body. */
export const MAX_SPEC_BYTES = 3 * 1024 * 1024;

/** What is told to whoever wrote the address. */
export class BadSpec extends Error {}

/** @throws BadSpec */
export async function unpackSpec(packed: string): Promise<ClusterRequest> {
  const text = new TextDecoder().decode(await inflated(bytesOf(packed)));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadSpec('“spec” holds no JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadSpec('“spec” holds no object.');
  return value as ClusterRequest;
}

function bytesOf(packed: string): Uint8Array<ArrayBuffer> {
  try {
    const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch {
    throw new BadSpec('“spec” is not base64url.');
  }
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new BadSpec('“spec” is not what raw deflate makes.');
    });
    if (done) break;
    size += value.length;
    if (size > MAX_SPEC_BYTES) {
      reader.cancel().catch(() => undefined);
      throw new BadSpec(`“spec” is larger than ${MAX_SPEC_BYTES / 1024 / 1024} MiB.`);
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** What a page's cluster has unless it is said: what lessons find on a real one, a default storage class and load balancers. */
export const PAGE_COMPONENTS = { 'local-path-provisioner': true, 'service-lb-controller': true };

/** The body that makes the sandbox. `ttl`: seconds, unless the spec has its own. @throws BadSpec */
export async function requestOf({ packed, manifests }: Wish, ttl: number): Promise<ClusterRequest> {
  const spec = packed === undefined ? {} : await unpackSpec(packed);
  const all = [spec.manifests, manifests].flat().filter((part) => part !== undefined);
  return { ttl, components: PAGE_COMPONENTS, ...spec, ...(all.length > 0 ? { manifests: all } : {}) };
}
