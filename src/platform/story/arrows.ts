/** A story as the arrows of a sequence diagram: who sends what to whom, in order. Each is a write, its request, or the delivery of one. */
import type { Story, StoryObject, StoryWrite } from '../../objects/story.ts';

export interface StoryArrow {
  from: string;
  to: string;
  /**
   * `request`: of a client or a component to the API server. `write`: from there to etcd. `watch`: a change on its way to who watches. `call`: what a
   * kubelet had done. `timer`: an instant had come.
   */
  kind: 'request' | 'write' | 'watch' | 'call' | 'timer';
  text: string;
  /** That is written or delivered. */
  revision: number;
  /** Milliseconds. */
  time?: number;
  /** Which of the story's writes it belongs to. */
  write: number;
}

export const API_SERVER = 'kube-apiserver';
export const ETCD = 'etcd';

const METHODS = { create: 'POST', update: 'PUT', delete: 'DELETE' } as const;
const EVENTS = { create: 'ADDED', update: 'MODIFIED', delete: 'DELETED' } as const;

export const placeOf = ({ resource, namespace, name }: StoryObject): string =>
  [resource, namespace, name].filter((part) => part !== undefined && part !== '').join('/');

/** What a client calls itself: the first word of its user agent. */
const clientName = (userAgent: string): string => /^[\w.-]+/.exec(userAgent)?.[0] ?? 'client';

export function authorName({ by }: StoryWrite): string {
  switch (by.kind) {
    case 'client':
      return clientName(by.userAgent);
    case 'component':
      return by.name;
    case 'cluster':
      return 'the making of the cluster';
    case 'unknown':
      return 'unknown';
    default:
      return by satisfies never;
  }
}

export function arrowsOf({ writes }: Story): StoryArrow[] {
  const arrows: StoryArrow[] = [];
  const runs = new Set<number>();
  const delivered = new Set<string>();
  for (const [index, write] of writes.entries()) {
    const { revision, time, by, verb } = write;
    const author = authorName(write);
    const add = (from: string, to: string, kind: StoryArrow['kind'], text: string, at = revision): void => {
      arrows.push({ from, to, kind, text, revision: at, ...(time === undefined ? {} : { time }), write: index });
    };
    const deliver = (object: StoryObject, at: number): void => {
      const id = `${author} ${at} ${placeOf(object)}`;
      if (delivered.has(id)) return;
      delivered.add(id);
      const told = writes.find((other) => other.revision === at && placeOf(other.object) === placeOf(object));
      const text = `${told ? EVENTS[told.verb] : 'MODIFIED'} ${placeOf(object)} @${at}`;
      if (!delivered.has(`etcd ${at}`)) add(ETCD, API_SERVER, 'watch', text, at);
      delivered.add(`etcd ${at}`);
      add(API_SERVER, author, 'watch', text, at);
    };
    if (by.kind === 'component') {
      if (!runs.has(write.run)) {
        if (by.woken) deliver(by.woken, by.woken.revision);
        else if (by.name !== API_SERVER) add(author, author, 'timer', `its time has come: ${by.key}`);
      }
      // It knew what it has replaced.
      if (write.from !== undefined && by.name !== API_SERVER) deliver(write.object, write.from);
    }
    // What a kubelet tells of in one go, it had done before all of it.
    if (!runs.has(write.run))
      for (const call of writes.flatMap(({ run, calls }) => (run === write.run && calls) || []))
        add(call.from, call.to, 'call', call.text);
    runs.add(write.run);
    if (by.kind === 'client') add(author, API_SERVER, 'request', `${by.method} ${by.path} (${by.user})`);
    else if (by.kind === 'component' && author !== API_SERVER)
      add(author, API_SERVER, 'request', `${METHODS[verb]} ${placeOf(write.object)}`);
    add(by.kind === 'unknown' ? author : API_SERVER, ETCD, 'write', `${verb} ${placeOf(write.object)} @${revision}`);
  }
  return arrows;
}

/** Left of all others, and right of them. */
const FIRST = [API_SERVER, ETCD];
const LAST = ['kubelet', 'containerd', 'CNI'];

/** Who is in it, from left to right. */
export function actorsOf(story: Story, arrows: readonly StoryArrow[]): string[] {
  const there = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const clients = story.writes.flatMap((write) => (write.by.kind === 'component' ? [] : [authorName(write)]));
  const order = [...new Set(clients), ...FIRST, ...[...there].filter((actor) => !LAST.includes(actor)), ...LAST];
  return [...new Set(order)].filter((actor) => there.has(actor));
}
