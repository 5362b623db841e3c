/** What a container's program does, as far as the cluster can see: how it ends, and when. There is no machine behind it. */
import type { Container, LifecycleHandler, Probe } from '../../objects/generated/core-v1.gen.ts';
import { imageRepository, isBaseImage } from '../runtime/images.ts';
import { execWords, isShell, MAX_SCRIPT, programOf, scriptOf, termTrap } from '../shell/shell.ts';

/** What a probe or a hook does: one of these. */
export type Action = Pick<Probe, 'grpc'> & LifecycleHandler;

export interface Exit {
  code: number;
  /** Milliseconds after the start, or after it was asked to stop. */
  after: number;
}

/** A program that takes its leave when asked to: long enough that the others see it go. */
const QUICK_MS = 500;
/** Killed, since it went on after its grace period. */
const KILLED = 137;
/** Ended by the signal itself. */
const TERMINATED = 143;

/** Programs that do nothing about SIGTERM; as a container's first process the kernel then spares them. */
const DEAF = new Set(
  'sleep tail cat tee yes watch ping nc top read python python2 python3 node ruby perl php deno bun pause.sh'.split(
    ' ',
  ),
);
const wordsOf = (container: Container): string[] => [...(container.command ?? []), ...(container.args ?? [])];

/** How the program ends by itself; undefined: it runs until it is stopped. */
export function exitOf(container: Container): Exit | undefined {
  const program = programOf(wordsOf(container));
  if (program === 'true') return { code: 0, after: 0 };
  if (program === 'false') return { code: 1, after: 0 };
  return undefined;
}

/** An init container's: the pod waits for it, so one that would run forever is taken to have done its work at once. */
export const initExitOf = (container: Container): Exit => exitOf(container) ?? { code: 0, after: 0 };

/** What of the pod decides how its programs take a signal. */
export interface Surroundings {
  /** It is to be started again when it ends: it serves, rather than working towards an end. */
  serves: boolean;
  /** Another process is the first one, so signals do what they do by default. */
  sharesProcesses: boolean;
}

/** How the program ends once it has been asked to, and `grace` milliseconds after that at the latest. */
export function stopOf(container: Container, around: Surroundings, grace: number): Exit {
  const answer = grace > 0 ? answerToTerm(container, around) : undefined;
  return answer && answer.after <= grace ? answer : { code: KILLED, after: grace };
}

function answerToTerm(container: Container, around: Surroundings): Exit | undefined {
  const repository =
    imageRepository(container.image ?? '')
      .split('/')
      .at(-1) ?? '';
  const words = container.command || isBaseImage(container.image ?? '') ? wordsOf(container) : [];
  return answerOf(words.length > 0 ? words : [repository], around);
}

function answerOf(words: string[], around: Surroundings): Exit | undefined {
  const program = programOf(words) ?? '';
  const dies: Exit = { code: TERMINATED, after: QUICK_MS };
  if (isShell(words)) return shellAnswer(words, around, dies);
  if (DEAF.has(program)) return hears(around) ? dies : undefined;
  if (program === 'java') return dies;
  // One that serves ends in good order; one that works towards an end has not come to it.
  return around.serves ? { code: 0, after: QUICK_MS } : dies;
}

/** What works towards an end is given up at once; what serves is the first process of its container, and spared. */
const hears = ({ serves, sharesProcesses }: Surroundings): boolean => sharesProcesses || !serves;

/** A shell waits for what it runs and passes no signal on, unless it says that it does. */
function shellAnswer(words: string[], around: Surroundings, dies: Exit): Exit | undefined {
  const script = scriptOf(words) ?? '';
  const trap = termTrap(script);
  if (trap) {
    const { handler, rest } = trap;
    if (handler === '' || handler === '-') return handler === '-' && hears(around) ? dies : undefined;
    // The handler has its turn when what the shell waits for ends: at once, if that is `wait`.
    if (!/\bwait\b/.test(rest) && !/\b(?:while|until)\b/.test(script)) return undefined;
    const exit = /\bexit\b\s*(\d+)?/.exec(handler);
    const pause = /\bsleep\s+(\d+)/.exec(handler);
    const after = QUICK_MS + (pause ? Number(pause[1]) * 1000 : 0);
    return { code: exit ? Number(exit[1] ?? 0) : TERMINATED, after };
  }
  const becomes = execWords(script);
  if (becomes) return answerOf(becomes, around);
  return hears(around) ? dies : undefined;
}

/** How long a hook takes, in milliseconds, and whether it is known to fail. */
export function hookOf(action: Action | undefined): { takes: number; fails: boolean } {
  if (action?.sleep) return { takes: action.sleep.seconds * 1000, fails: false };
  const command = action?.exec?.command ?? [];
  const line = isShell(command) ? scriptOf(command) : command.join(' ');
  const pause = line === undefined || line.length > MAX_SCRIPT ? undefined : /\bsleep\s+(\d+)/.exec(line);
  return { takes: pause ? Number(pause[1]) * 1000 : 0, fails: failsPlainly(command) };
}

/** Whether a command is a failure on its face: `false`, `exit 1`. */
export function failsPlainly(command: string[]): boolean {
  if (programOf(command) === 'false') return true;
  const script = scriptOf(command) ?? '';
  const last =
    script
      .trim()
      .split(/[;\n]|&&/)
      .at(-1)
      ?.trim() ?? '';
  return /^(?:\/bin\/)?false$/.test(last) || /^exit\s+[1-9]\d*$/.test(last);
}
