/** A request of which the audit log is told. */
import type { Catalog } from '../../catalog/catalog.ts';
import type { Exchange } from '../exchange.ts';
import { route } from '../route.ts';
import { type Audited, auditEvent, type KeepAudit } from './audit-event.ts';

/** What is told of it beside what can be seen from outside. */
export type Told = Required<Pick<Exchange, 'annotations' | 'named'>>;

const AUDIT_ID = 'audit-id';
/** Characters of an id that a client has brought. */
export const MAX_AUDIT_ID = 64;

interface AuditPorts {
  keep: KeepAudit;
  catalog(): Catalog;
  /** The cluster's time, milliseconds. */
  now(): number;
}

/** The answer, marked with what it is found by in the log. */
export async function audited(
  asked: Pick<Audited, 'request' | 'identity' | 'url'>,
  serve: (told: Told) => Promise<Response>,
  { keep, catalog, now }: AuditPorts,
): Promise<Response> {
  const { request, url } = asked;
  const annotations = new Map<string, string>();
  let name: string | undefined;
  const named = (given: string): void => {
    name = given;
  };
  const receivedAt = now();
  const response = await serve({ annotations, named });
  const found = route(catalog(), request.method, url.pathname, url.searchParams);
  const about = { ...asked, route: found, name, annotations, response, receivedAt, answeredAt: now() };
  const id = request.headers.get(AUDIT_ID)?.slice(0, MAX_AUDIT_ID) || crypto.randomUUID();
  await keep(await auditEvent(id, about));
  const marked = new Response(response.body, response);
  marked.headers.set(AUDIT_ID, id);
  return marked;
}
