/** A cluster's audit log: its last events, where it is made with one. They lie in the object's storage beside its objects, and no copy has them. */

/** Events that are kept: the oldest makes room for the next. */
export const MAX_AUDIT_EVENTS = 1000;

/** What is used of a Durable Object's `storage.kv`. */
interface KeyValueStorage {
  get<T>(key: string): T | undefined;
  put(key: string, value: unknown): void;
}

/** How many there have been. */
const COUNT = 'audit';
const keyOf = (event: number): string => `audit/${event % MAX_AUDIT_EVENTS}`;

export function addAuditEvent(kv: KeyValueStorage, event: string): void {
  const count = kv.get<number>(COUNT) ?? 0;
  kv.put(keyOf(count), event);
  kv.put(COUNT, count + 1);
}

/** Lines of JSON, the oldest first. */
export function* auditEvents(kv: KeyValueStorage): Generator<string> {
  const count = kv.get<number>(COUNT) ?? 0;
  for (let event = Math.max(0, count - MAX_AUDIT_EVENTS); event < count; event++) {
    const line = kv.get<string>(keyOf(event));
    if (line !== undefined) yield `${line}\n`;
  }
}
