/**
 * What comes over TLS to a local server, which ends it in a process of its own (scripts/local/tls-door.ts), since workerd either asks
 * every client for a certificate or none.
 */
import type { ShownCertificate } from '../apiserver/identity/client-certificate.ts';

/** From the door to the Worker: `ADDRESS:PORT` of the client, and the certificate that it has shown. Only what comes from the door is read. */
export const PEER_HEADER = 'x-diorama-peer';
export const CERTIFICATE_HEADER = 'x-diorama-certificate';

/** The request under the URL by which its client sent it. */
export const overTls = (request: Request): Request => new Request(request.url.replace(/^http:/, 'https:'), request);

/** What the door has added, and the request without it. */
export function withPeer(request: Request): { request: Request; certificate?: ShownCertificate } {
  const headers = new Headers(request.headers);
  const clientIp = headers.get(PEER_HEADER);
  const certificate = headers.get(CERTIFICATE_HEADER);
  headers.delete(PEER_HEADER);
  headers.delete(CERTIFICATE_HEADER);
  const cf = clientIp === null ? {} : { cf: { clientIp } };
  const told = new Request(request, { headers, ...cf } as RequestInit);
  return { request: told, ...(certificate === null ? {} : { certificate }) };
}
