/**
 * How programs behave that are told to behave otherwise than programs of their kind do: what a lesson or a test sets up when it makes
 * a cluster. Each rule says which containers it is about and what of them it changes; the first that says something of a matter counts.
 */

/** All that is given must match; what is not given matches everything. */
export interface BehaviourMatch {
  namespace?: string;
  /** The pod's name; `*` stands for any characters. */
  pod?: string;
  /** Labels of the pod, each with its value. */
  labels?: Record<string, string>;
  container?: string;
  /** As the pod's spec writes it; `*` stands for any characters. */
  image?: string;
}

/** What a rule may change. */
export interface Conduct {
  /** False: it runs but never becomes ready. */
  ready?: boolean;
  /** `realistic`: a pod takes its time to start and to be over, as on a real node, and shows the steps between. */
  pace?: 'instant' | 'realistic';
  /** What it uses of its node while it runs, as quantities. */
  usage?: { cpu?: string; memory?: string };
}

export interface Behaviour extends Conduct {
  match: BehaviourMatch;
}

/** What a cluster has that is made without rules, or was before there were any. */
export const DEFAULT_BEHAVIOURS: Behaviour[] = [{ match: { labels: { ready: 'never' } }, ready: false }];

/** A container as rules see it. */
export interface Subject {
  namespace: string;
  pod: string;
  labels: Record<string, string>;
  container: string;
  image: string;
}

/** What the rules say together of one container. */
export function conductOf(rules: Behaviour[], subject: Subject): Conduct {
  const conduct: Conduct = {};
  for (const { match, ...says } of rules)
    if (matches(match, subject))
      for (const [key, value] of Object.entries(says))
        Object.assign(conduct, { [key]: conduct[key as keyof Conduct] ?? value });
  return conduct;
}

function matches(match: BehaviourMatch, subject: Subject): boolean {
  for (const name in match.labels) if (subject.labels[name] !== match.labels[name]) return false;
  return (
    (match.namespace === undefined || match.namespace === subject.namespace) &&
    (match.container === undefined || match.container === subject.container) &&
    (match.pod === undefined || matchesPattern(match.pod, subject.pod)) &&
    (match.image === undefined || matchesPattern(match.image, subject.image))
  );
}

/** In one pass: each part between stars is looked for after the one before. */
function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === text;
  const first = parts.shift()!;
  const last = parts.pop()!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
