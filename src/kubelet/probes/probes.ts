/** A container's three probes together: the startup probe holds the others back, and it and the liveness probe may kill. */
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { type Course, courseOf, resultAt } from './probe.ts';
import type { Health } from './probe-checks.ts';

export interface Probes {
  /** When the container counts as started; undefined: never. */
  startedAt: number | undefined;
  /** The first attempt that tells something. */
  first: number | undefined;
  kill: { at: number; probe: 'liveness' | 'startup'; grace: number | undefined } | undefined;
  isReady(now: number): boolean;
  /** The messages of the attempts at an instant. */
  tell(instant: number): string[];
  /** When next something turns or is to be told. */
  next(now: number): number | undefined;
}

/** `start`: the container's, in milliseconds; `lag`: after it, no probe is tried before. */
export function probesOf(container: Container, health: Health, start: number, lag: number): Probes {
  const { startupProbe, livenessProbe, readinessProbe } = container;
  const parts: { name: string; course: Course }[] = [];
  const part = (name: string, course: Course): Course => {
    parts.push({ name, course });
    return course;
  };
  let startedAt: number | undefined = start;
  let kill: Probes['kill'];
  if (startupProbe && health.startup) {
    const options = { start, from: start + lag, passes: false, stopsAtFailure: true, stopsAtSuccess: true };
    const course = part('Startup', courseOf(startupProbe, health.startup, options));
    const turn = course.turns[0];
    startedAt = turn?.passed ? turn.at : undefined;
    if (turn && !turn.passed)
      kill = { at: turn.at, probe: 'startup', grace: startupProbe.terminationGracePeriodSeconds };
  }
  let readiness: Course | undefined;
  if (startedAt !== undefined) {
    if (livenessProbe && health.liveness) {
      const options = {
        start,
        from: Math.max(startedAt, start + lag),
        passes: true,
        stopsAtFailure: true,
        stopsAtSuccess: false,
      };
      const course = part('Liveness', courseOf(livenessProbe, health.liveness, options));
      const turn = course.turns.find(({ passed }) => !passed);
      if (turn) kill = { at: turn.at, probe: 'liveness', grace: livenessProbe.terminationGracePeriodSeconds };
    }
    if (readinessProbe && health.readiness) {
      const options = {
        start,
        from: Math.max(startedAt, start + lag),
        passes: false,
        stopsAtFailure: false,
        stopsAtSuccess: false,
      };
      readiness = part('Readiness', courseOf(readinessProbe, health.readiness, options));
    }
  }
  const earliest = (instants: (number | undefined)[]): number | undefined => {
    const known = instants.filter((at): at is number => at !== undefined);
    return known.length > 0 ? Math.min(...known) : undefined;
  };
  return {
    startedAt,
    first: earliest(parts.map(({ course }) => course.next(start - 1))),
    kill,
    isReady: (now) => readiness === undefined || resultAt(readiness, now) === true,
    tell: (instant) =>
      parts.flatMap(({ name, course }) => {
        const fault = course.tell(instant);
        return fault ? [`${name} probe ${fault.message}`] : [];
      }),
    next: (now) => earliest(parts.map(({ course }) => course.next(now))),
  };
}
