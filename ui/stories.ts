/**
 * Events as stories: what a cause has brought about stands below it. A deployment that is scaled leads with ScalingReplicaSet, and what
 * the replica set, the scheduler and the kubelets did for it follows, the same on many pods in one line. Pure.
 */
import { type ApiObject, eventTime } from './model.ts';

/** One line: the same reason for the same kind of object. */
export interface StoryLine {
  reason: string;
  /** `Pulling · Pulled · Created · Started`, the kubelet's four in one. */
  reasons: string[];
  warning: boolean;
  /** Of a warning the newest that says why; empty where there are several of anything else. */
  message: string;
  /** The objects that it is about, each once, the newest last. */
  about: About[];
  /** Whether the line before is about the same objects. */
  again: boolean;
  /** How often it was told. */
  count: number;
}

export interface About {
  kind: string;
  namespace: string;
  name: string;
}

export interface Story {
  /** Stays the same while the story goes on. */
  key: string;
  /** Of the last that happened in it, RFC 3339. */
  time: string;
  lines: StoryLine[];
}

/** What the kubelet always does, one after the other, for a container and when it starts itself. */
const ROUTINES = [
  ['Pulling', 'Pulled', 'Created', 'Started'],
  [
    'Starting',
    'InvalidDiskCapacity',
    'NodeAllocatableEnforced',
    'NodeHasSufficientMemory',
    'NodeHasNoDiskPressure',
    'NodeHasSufficientPID',
    'NodeReady',
    'RegisteredNode',
  ],
];

const ROUTINE_OF = new Map(ROUTINES.flatMap((reasons, routine) => reasons.map((reason) => [reason, routine])));

const keyOfAbout = ({ kind, namespace, name }: About): string => `${kind}/${namespace}/${name}`;

export function aboutOf(event: ApiObject): About {
  const { kind = '', namespace = '', name = '' } = event.involvedObject ?? {};
  return { kind, namespace, name };
}

/** What tells that something was brought about. */
const CAUSES = new Set(['ScalingReplicaSet', 'SuccessfulCreate', 'SuccessfulDelete']);

/** The object that an event says it has made, changed or removed. */
function consequenceOf(event: ApiObject, { namespace }: About): About | undefined {
  if (!CAUSES.has(event.reason)) return undefined;
  const message: string = event.message ?? '';
  const set = /^Scaled (?:up|down) replica set (\S+)/.exec(message)?.[1];
  if (set) return { kind: 'ReplicaSet', namespace, name: set };
  const pod = /^(?:Created|Deleted) pod: (\S+)/.exec(message)?.[1];
  if (pod) return { kind: 'Pod', namespace, name: pod };
  const [, done, kind, name] = /^(Created|Deleted|create|delete) (job|Job|Pod) (\S+)/.exec(message) ?? [];
  if (done && kind && name) return { kind: kind === 'Pod' ? 'Pod' : 'Job', namespace, name };
  return undefined;
}

/** A kubelet that starts always warns of a disk that it does not know yet. */
const isWarning = (event: ApiObject): boolean => event.type === 'Warning' && !ROUTINE_OF.has(event.reason);

interface Draft {
  key: string;
  time: string;
  events: ApiObject[];
}

/** The stories, the newest first. A warning is a story of its own, so that it is not below what went well. */
export function storiesOf(events: Iterable<ApiObject>): Story[] {
  const sorted = Array.from(events, (event) => ({
    event,
    second: secondOf(eventTime(event)),
    revision: Number(event.metadata.resourceVersion ?? 0),
  })).sort((a, b) => compare(a.second, b.second) || a.revision - b.revision);
  const drafts: Draft[] = [];
  /** By the object that something was brought about of: the story that did so last. */
  const causes = new Map<string, Draft>();
  for (const { event } of sorted) {
    const about = aboutOf(event);
    const own = keyOfAbout(about);
    const warning = isWarning(event);
    // The same object is scaled again: that is another story.
    const begins = warning || event.reason === 'ScalingReplicaSet';
    const key = warning ? `!${own}/${event.reason}` : own;
    let draft = begins && !(warning && causes.has(key)) ? undefined : causes.get(key);
    if (!draft) {
      draft = { key: event.metadata.uid ?? event.metadata.name, time: '', events: [] };
      drafts.push(draft);
      causes.set(key, draft);
    }
    draft.events.push(event);
    draft.time = eventTime(event);
    const consequence = consequenceOf(event, about);
    if (consequence) causes.set(keyOfAbout(consequence), draft);
  }
  return drafts
    .map((draft, index) => ({ draft, index }))
    .sort((a, b) => compare(secondOf(b.draft.time), secondOf(a.draft.time)) || b.index - a.index)
    .map(({ draft: { key, time, events } }) => ({ key, time, lines: linesOf(events) }));
}

/** Times of events have none, three or six digits below the second. */
const secondOf = (time: string): string => time.slice(0, 19);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What a kubelet tells once more after it has told why: `Error: ErrImagePull`. */
const ONLY_A_REASON = /^Error: [A-Z]\w*$/;

/** Warnings are what one looks for words in: theirs are not lost because the kubelet tells the same in others. */
function messageAfter({ message, warning }: StoryLine, next: string): string {
  if (message === next) return message;
  if (!warning) return '';
  return ONLY_A_REASON.test(next) ? message : next;
}

function linesOf(events: ApiObject[]): StoryLine[] {
  const lines = new Map<string, StoryLine>();
  const objects = new Map<StoryLine, Map<string, About>>();
  for (const event of events) {
    const about = aboutOf(event);
    const reason: string = event.reason ?? '';
    const key = String(ROUTINE_OF.get(reason) ?? `${reason}/${about.kind}`);
    let line = lines.get(key);
    if (!line) {
      line = {
        reason,
        reasons: [],
        warning: isWarning(event),
        message: event.message ?? '',
        about: [],
        again: false,
        count: 0,
      };
      lines.set(key, line);
      objects.set(line, new Map());
    }
    if (!line.reasons.includes(reason)) line.reasons.push(reason);
    line.message = messageAfter(line, event.message ?? '');
    line.count += event.count ?? 1;
    objects.get(line)!.set(keyOfAbout(about), about);
  }
  let before = new Map<string, About>();
  for (const [line, about] of objects) {
    line.about = [...about.values()];
    line.again = about.size === before.size && [...about.keys()].every((key) => before.has(key));
    before = about;
  }
  return [...lines.values()];
}
