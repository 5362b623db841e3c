/** A container's log as it is asked for: which lines, in what form, and where whoever follows it goes on. */
import type { Bytes } from '../../machine/bytes.ts';
import type { LogLine } from '../../machine/pod-machine.ts';

export interface LogOptions {
  /** Lines of this instant or later, milliseconds since 1970. */
  since?: number;
  /** So many of the last lines. */
  tail?: number;
  limitBytes?: number;
  timestamps: boolean;
  stream?: LogLine['stream'];
}

/** What has been read: all lines before an instant, and so many of its own. A log forgets its first lines, so they are not counted. */
export interface LogCursor {
  at: number;
  lines: number;
  /** Bytes that were told. */
  told: number;
}

export interface LogPart {
  text: Bytes;
  cursor: LogCursor;
  /** Whether as many bytes were told as may be. */
  isFull: boolean;
}

/** With nanoseconds, as container runtimes write them. */
const stamp = (at: number): string => `${new Date(at).toISOString().slice(0, -1)}000000Z `;

/** What comes after `cursor`, or from the beginning. Models pkg/kubelet/kuberuntime/logs: the last lines are found first, and then the instant. */
export function logPart(lines: readonly LogLine[], options: LogOptions, cursor?: LogCursor): LogPart {
  const from = cursor ? firstAfter(lines, cursor) : firstOf(lines, options);
  const { since = 0, stream, timestamps, limitBytes = Number.POSITIVE_INFINITY } = options;
  let told = cursor?.told ?? 0;
  const texts: string[] = [];
  for (let i = from; i < lines.length && told < limitBytes; i++) {
    const line = lines[i]!;
    if (line.at < since || (stream !== undefined && line.stream !== stream)) continue;
    const text = `${timestamps ? stamp(line.at) : ''}${line.text}${line.isPartial ? '' : '\n'}`;
    texts.push(text.slice(0, limitBytes - told));
    told += texts.at(-1)!.length;
  }
  return { text: texts.join(''), cursor: { ...placeAfter(lines, cursor), told }, isFull: told >= limitBytes };
}

function firstOf(lines: readonly LogLine[], { tail, stream }: LogOptions): number {
  if (tail === undefined) return 0;
  let left = tail;
  let first = lines.length;
  while (first > 0 && left > 0) {
    first--;
    if (stream === undefined || lines[first]!.stream === stream) left--;
  }
  return first;
}

function firstAfter(lines: readonly LogLine[], { at, lines: seen }: LogCursor): number {
  let first = lines.length;
  while (first > 0 && lines[first - 1]!.at >= at) first--;
  return Math.min(lines.length, lines[first]?.at === at ? first + seen : first);
}

function placeAfter(lines: readonly LogLine[], before: LogCursor | undefined): { at: number; lines: number } {
  const last = lines.at(-1);
  if (!last) return before ?? { at: 0, lines: 0 };
  let first = lines.length;
  while (first > 0 && lines[first - 1]!.at === last.at) first--;
  return { at: last.at, lines: lines.length - first };
}
