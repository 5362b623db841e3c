/**
 * A story as spans of OpenTelemetry: one for each write, under the write that its author had heard of, from when that was made.
 * Source: opentelemetry-proto, `TracesData` in its JSON form.
 */
import type { Story, StoryWrite } from '../../objects/story.ts';
import { authorName, placeOf } from './arrows.ts';

const INTERNAL = 1;
const SERVER = 2;
/** Characters of what changed that a span has. */
export const MAX_DIFF_LENGTH = 4096;

interface Attribute {
  key: string;
  value: { stringValue: string } | { intValue: string };
}

const words = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } });
const number = (key: string, value: number): Attribute => ({ key, value: { intValue: String(value) } });

const nanoseconds = (milliseconds: number): string => `${milliseconds}000000`;

/** 16 bytes that are the object's: of its uid, where it has one. */
function traceId({ object, writes }: Story): string {
  const digits = (object.uid ?? '').replaceAll('-', '').toLowerCase();
  if (/^[\da-f]{32}$/.test(digits) && /[1-9a-f]/.test(digits)) return digits;
  return `${(writes[0]?.revision ?? 0) + 1}`.padStart(32, '0');
}

/** 8 bytes: which write it is, and of which revision. */
const spanId = ({ revision }: StoryWrite, index: number): string =>
  (index + 1).toString(16).padStart(4, '0') + revision.toString(16).slice(-12).padStart(12, '0');

function attributesOf({ revision, relation, by, diff }: StoryWrite): Attribute[] {
  const attributes = [number('diorama.revision', revision), words('diorama.relation', relation)];
  if (by.kind === 'client')
    attributes.push(
      words('http.request.method', by.method),
      words('url.path', by.path),
      words('enduser.id', by.user),
      words('user_agent.original', by.userAgent),
    );
  if (by.kind === 'component') attributes.push(words('diorama.key', by.key), words('diorama.manager', by.manager));
  if (diff) attributes.push(words('diorama.diff', JSON.stringify(diff).slice(0, MAX_DIFF_LENGTH)));
  return attributes;
}

export function otlp(story: Story): object {
  const { writes } = story;
  const trace = traceId(story);
  const at = new Map(writes.map((write, i) => [`${write.revision} ${placeOf(write.object)}`, i]));
  const services = new Map<string, object[]>();
  for (const [i, write] of writes.entries()) {
    const { by, verb, object, time = 0 } = write;
    const woken = by.kind === 'component' ? by.woken : undefined;
    const parent = woken && at.get(`${woken.revision} ${placeOf(woken)}`);
    const spans = services.get(authorName(write)) ?? [];
    services.set(authorName(write), spans);
    spans.push({
      traceId: trace,
      spanId: spanId(write, i),
      ...(parent === undefined ? {} : { parentSpanId: spanId(writes[parent]!, parent) }),
      name: `${verb} ${placeOf(object)}`,
      kind: by.kind === 'client' ? SERVER : INTERNAL,
      startTimeUnixNano: nanoseconds((parent === undefined ? undefined : writes[parent]!.time) ?? time),
      endTimeUnixNano: nanoseconds(time),
      attributes: attributesOf(write),
    });
  }
  return {
    resourceSpans: [...services].map(([name, spans]) => ({
      resource: { attributes: [words('service.name', name)] },
      scopeSpans: [{ scope: { name: 'diorama' }, spans }],
    })),
  };
}
