/** What differs from run to run reads as a placeholder, numbered by first appearance within a life, as the recordings have it. */
import type { LooseObject } from '../loose-object.ts';

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const TIME = /(?!2006-01-02)\d{4}-\d\d-\d\dT? ?\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d)?(?: UTC)?/g;
const PULL = /in [0-9.msµ]+ \([0-9.msµ]+ including waiting\)\. Image size: \d+ bytes/g;

/** Fields that say when, or by which id: not compared. */
const DROPPED = new Set(['lastTransitionTime', 'lastProbeTime', 'startTime', 'startedAt', 'finishedAt', 'containerID']);

export class Normal {
  readonly #namespace: string;
  readonly #seen = new Map<string, Map<string, number>>();

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  #numbered(kind: string, value: string): string {
    const numbers = this.#seen.get(kind) ?? new Map<string, number>();
    this.#seen.set(kind, numbers);
    if (!numbers.has(value)) numbers.set(value, numbers.size + 1);
    return `<${kind}-${numbers.get(value)}>`;
  }

  text(given: string): string {
    return given
      .replaceAll(this.#namespace, '<namespace>')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (uid) => this.#numbered('uid', uid))
      .replace(/sha256:[0-9a-f]{64}/g, '<digest>')
      .replace(/\b[0-9a-f]{64}\b/g, (id) => this.#numbered('container-id', id))
      .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<id>')
      .replace(/debugger-[a-z0-9]{5}/g, 'debugger-<id>')
      .replace(/\b(10\.244\.0\.\d+|172\.18\.0\.2|127\.0\.0\.1):(3[2-9]\d{3}|[4-6]\d{4})\b/g, '$1:<port>')
      .replace(/\b10\.244\.0\.0\/24\b/g, '<pod-cidr>')
      .replace(new RegExp(`\\b(?:${MONTHS}) [ \\d]\\d \\d\\d:\\d\\d\\b`, 'g'), '<date>')
      .replace(/\/tmp\/tmp\.\w+/g, '<tmp>')
      .replace(/\b10\.244\.0\.1\b/g, '<gateway-ip>')
      .replace(/\b10\.244\.0\.\d+\b/g, (ip) => this.#numbered('pod-ip', ip))
      .replace(/\b172\.18\.0\.2\b/g, '<node-ip>')
      .replace(TIME, '<time>')
      .replace(PULL, 'in <duration> (<duration> including waiting). Image size: <size> bytes');
  }

  /** The same of everything in a value, keys too. */
  of(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.of(item));
    if (!value || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.of(item)]));
  }
}

/** A status without its times and ids. */
export function timeless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timeless);
  if (!value || typeof value !== 'object') return value;
  const kept: LooseObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (DROPPED.has(key)) continue;
    kept[key] = key === 'imageID' ? (item ? '<image-id>' : '') : timeless(item);
  }
  return kept;
}
