/**
 * What is known of a probe's target without running anything: commands that are failures on their face, files that nothing makes,
 * ports that nothing in the pod listens on, and what the cluster's rules say. Everything else is taken to be well.
 */
import type { Container, Pod, Probe } from '../../objects/generated/core-v1.gen.ts';
import type { Conduct } from '../../simulation/behaviours.ts';
import { agnhostListens, agnhostWords } from '../programs/agnhost.ts';
import { type Action, failsPlainly } from '../programs/program.ts';
import { digestOf, imageRepository, isBaseImage } from '../runtime/images.ts';
import { storyOf } from '../shell/script-files.ts';
import { isShell, MAX_SCRIPT, programOf, scriptOf } from '../shell/shell.ts';
import { always, type Check, type Fault } from './probe.ts';

/** What the probes of a container find; a probe that it doesn't have finds nothing. */
export interface Health {
  startup?: Check;
  readiness?: Check;
  liveness?: Check;
}

interface Target {
  pod: Pod;
  container: Container;
  podIP: string;
}

export function healthOf(pod: Pod, container: Container, podIP: string, conduct: Conduct): Health {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  const target = { pod, container, podIP };
  const health: Health = {};
  if (conduct.ready === true) return health;
  if (startupProbe) health.startup = checkOf(startupProbe, target);
  if (livenessProbe) health.liveness = checkOf(livenessProbe, target);
  if (readinessProbe)
    health.readiness =
      conduct.ready === false ? always(refusal(readinessProbe, target)) : checkOf(readinessProbe, target);
  return health;
}

/** Whether a hook of the container is known to fail. */
export function hookFails(hook: Action | undefined, target: Target): boolean {
  if (!hook?.httpGet && !hook?.exec) return false;
  return checkOf(hook, target).at(0) !== undefined;
}

function checkOf(probe: Probe, target: Target): Check {
  if (probe.exec) return commandCheck(probe.exec.command ?? [], target);
  const port = portOf(probe, target.container);
  if (typeof port === 'string') return always(unknown(`port ${JSON.stringify(port)} not found`));
  if (probe.httpGet && isLivenessExample(target.container)) return livenessExample;
  const listens = listensOn(port, target);
  const elsewhere = probe.httpGet?.host ?? probe.tcpSocket?.host;
  if (elsewhere || listens === 'unknown') return always(undefined);
  if (listens === 'no') return always(connectionFault(probe, target, port));
  // A web server does not speak gRPC.
  if (probe.grpc) return always(speaksGrpc(port, target) ? undefined : connectionFault(probe, target, port));
  return always(probe.httpGet ? pathFault(probe.httpGet.path ?? '/', target) : undefined);
}

const failed = (words: string): Fault => ({ message: `failed: ${words}` });
const unknown = (words: string): Fault => ({
  message: `errored and resulted in unknown state: ${words}`,
  isUnknown: true,
});

/** What a probe finds when the program is up but says that it is not ready. */
function refusal(probe: Probe, target: Target): Fault {
  if (probe.exec) return failed('');
  if (probe.httpGet) return failed('HTTP probe failed with statuscode: 503');
  const port = portOf(probe, target.container);
  return typeof port === 'string'
    ? unknown(`port ${JSON.stringify(port)} not found`)
    : connectionFault(probe, target, port);
}

/** A port's number; the name, if no port has it. */
function portOf({ httpGet, tcpSocket, grpc }: Action, container: Container): number | string {
  const port = httpGet?.port ?? tcpSocket?.port ?? grpc?.port ?? 0;
  if (typeof port === 'number' || /^\d+$/.test(port)) return Number(port);
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? port;
}

function connectionFault(probe: Probe, { podIP }: Target, port: number): Fault {
  const address = `${podIP}:${port}`;
  if (probe.grpc) {
    const within = `${probe.timeoutSeconds || 1}s`;
    return failed(`timeout: failed to connect service "${address}" within ${within}: context deadline exceeded`);
  }
  const refused = `dial tcp ${address}: connect: connection refused`;
  if (!probe.httpGet) return failed(refused);
  const { scheme = 'HTTP', path = '/' } = probe.httpGet;
  const url = `${scheme.toLowerCase()}://${address}${path.startsWith('/') ? path : `/${path}`}`;
  return failed(`Get "${url}": ${refused}`);
}

/** Web servers whose images listen on port 80 and serve a page at `/` and `/index.html`, until they are configured otherwise. */
const WEB_SERVERS = new Set(['nginx', 'httpd']);
const PAGES = new Set(['', '/', '/index.html']);
/** Programs that listen on nothing. */
const SILENT = new Set(['sleep', 'tail', 'cat', 'yes', 'watch', 'top', 'ping', 'true', 'false', 'pause']);

interface Listening {
  ports: Set<number>;
  /** Those of them on which gRPC is spoken. */
  grpc: Set<number>;
  /** Whether there are containers of which it cannot be known. */
  isUnknown: boolean;
  /** All of the pod's own containers are plain web servers. */
  servesPages: boolean;
}

/** Worked out once for a pod, however many probes it has. */
const listening = new WeakMap<Pod, Listening>();

function listeningOf(pod: Pod): Listening {
  let found = listening.get(pod);
  if (!found) {
    const own: Container[] = pod.spec.containers;
    const sidecars = (pod.spec.initContainers ?? []).filter((c: Container) => c.restartPolicy === 'Always');
    const all: (number[] | undefined)[] = [...own, ...sidecars].map(portsOf);
    found = {
      ports: new Set(all.flatMap((ports) => ports ?? [])),
      grpc: new Set([...own, ...sidecars].flatMap((container) => agnhostListens(container)?.grpc ?? [])),
      isUnknown: all.includes(undefined),
      servesPages: own.every(isPlainWebServer),
    };
    listening.set(pod, found);
  }
  return found;
}

/** Whether some container of the pod listens on the port: they share their network. */
function listensOn(port: number, { pod }: Target): 'yes' | 'no' | 'unknown' {
  if (pod.spec.hostNetwork) return 'unknown';
  const { ports, isUnknown } = listeningOf(pod);
  return ports.has(port) ? 'yes' : isUnknown ? 'unknown' : 'no';
}

/** Whether somebody who connects to a pod is answered. Of programs that nothing is known of it is told by the ports that their containers have. */
export function podListens(pod: Pod, protocol: string, port: number): boolean {
  if (pod.status?.phase !== 'Running') return false;
  const { ports, isUnknown } = listeningOf(pod);
  if (protocol === 'tcp' && ports.has(port)) return true;
  const declared = pod.spec.containers.flatMap((container) => container.ports ?? []);
  const ofProtocol = declared.filter((p) => (p.protocol ?? 'TCP').toLowerCase() === protocol);
  return isUnknown && (ofProtocol.length === 0 || ofProtocol.some(({ containerPort }) => containerPort === port));
}

const speaksGrpc = (port: number, { pod }: Target): boolean => listeningOf(pod).grpc.has(port);

/** A web server's image with nothing that would configure it. */
const isPlainWebServer = ({ image = '', command, args, volumeMounts, env }: Container): boolean =>
  !command?.length &&
  !args?.length &&
  WEB_SERVERS.has(imageRepository(image)) &&
  !volumeMounts?.some(isConfiguration) &&
  !env?.length;

/** The ports that the container's program listens on; undefined when that cannot be known. */
function portsOf(container: Container): number[] | undefined {
  const agnhost = agnhostListens(container);
  if (agnhost) return [...agnhost.http, ...agnhost.grpc];
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  const repository = imageRepository(container.image ?? '');
  const name = repository.split('/').at(-1)!;
  if (words.length === 0) {
    if (name === 'pause' || isBaseImage(container.image ?? '')) return [];
    return isPlainWebServer(container) ? [80] : undefined;
  }
  if (SILENT.has(programOf(words)!)) return [];
  const script = scriptOf(words);
  return script !== undefined && isSilentScript(script) ? [] : undefined;
}

const SILENT_COMMAND = /^(?:(?:sleep|echo|touch|rm|cat|tail|true|wait|exit|mkdir|printf)\b|:(?:\s|$))/;

/** Every command of it is one that listens on nothing. */
const isSilentScript = (script: string): boolean =>
  script
    .replace(/\btrap\s+(?:'[^']*'|"[^"]*")[^;&|\n]*/g, '')
    .split(/[;&|\n]+/)
    .map((part) => part.trim())
    .every((part) => part === '' || (SILENT_COMMAND.test(part) && !/[$`(]/.test(part)));

const isConfiguration = ({ mountPath }: { mountPath: string }): boolean =>
  !mountPath.startsWith('/var/run/secrets/kubernetes.io');

/** Kubernetes' own example of a liveness probe: a server that is well for ten seconds. */
const isLivenessExample = (container: Container): boolean => agnhostWords(container)?.[0] === 'liveness';

const WELL_MS = 10_000;

const livenessExample: Check = {
  at: (elapsed) => (elapsed <= WELL_MS ? undefined : failed('HTTP probe failed with statuscode: 500')),
  changes: [WELL_MS],
};

function pathFault(path: string, { pod }: Target): Fault | undefined {
  return !listeningOf(pod).servesPages || PAGES.has(path.split(/[?#]/)[0]!)
    ? undefined
    : failed('HTTP probe failed with statuscode: 404');
}

/** Commands that fail when the file that they are given last is not there. */
const READERS = new Set(['cat', 'ls', 'stat', 'test', '[', 'head', 'tail', 'wc']);

function commandCheck(command: string[], target: Target): Check {
  if (failsPlainly(command)) return always(failed(''));
  if (isNowhere(command[0] ?? '')) return always(unknown(notFound(command[0]!, target)));
  const words = simpleWords(command);
  const program = programOf(words ?? []) ?? '';
  if (!words || !READERS.has(program)) return always(undefined);
  const operands = words.slice(1).filter((word) => !word.startsWith('-') && word !== ']');
  const [path] = operands;
  if (operands.length !== 1 || !path?.startsWith('/')) return always(undefined);
  if ((program === 'test' || program === '[') && !/^-[efrs]$/.test(words[1] ?? '')) return always(undefined);
  return fileCheck(path, failed(missingWords(program, path, target.container)), target);
}

/** A program at a path that no image has. */
const isNowhere = (program: string): boolean => program.startsWith('/') && !ROOT_FOLDERS.has(program.split('/')[1]!);

function notFound(program: string, { pod, container }: Target): string {
  const id = digestOf(`${pod.metadata.uid} ${container.name} ${program}`);
  const exec = `exec: ${JSON.stringify(program)}: stat ${program}: no such file or directory`;
  return `rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: ${exec}`;
}

/** A command's words, also of one that a shell is given; undefined when the shell is given more than a plain command. */
function simpleWords(command: string[]): string[] | undefined {
  if (!isShell(command)) return command;
  const script = scriptOf(command)?.trim();
  return script === undefined || /[;&|<>$`"'\\*?\n]/.test(script) ? undefined : script.split(/\s+/);
}

function missingWords(program: string, path: string, { image = '' }: Container): string {
  const busybox = /^(?:busybox|alpine)$/.test(imageRepository(image));
  const none = 'No such file or directory\n';
  switch (program) {
    case 'test':
    case '[':
      return '';
    case 'cat':
      return busybox ? `cat: can't open '${path}': ${none}` : `cat: ${path}: ${none}`;
    case 'ls':
      return busybox ? `ls: ${path}: ${none}` : `ls: cannot access '${path}': ${none}`;
    default:
      return `${program}: ${path}: ${none}`;
  }
}

/** Where images keep nothing, and what every image has at its root. */
const EMPTY_PLACES = /^\/(?:tmp|var\/tmp|dev\/shm)\//;
const ROOT_FOLDERS = new Set(
  'bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var app data config work workspace src'.split(
    ' ',
  ),
);

function fileCheck(path: string, missing: Fault, { container }: Target): Check {
  const mounted = container.volumeMounts?.some(
    ({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`),
  );
  const [, first = ''] = path.split('/');
  if (mounted || !(EMPTY_PLACES.test(path) || !ROOT_FOLDERS.has(first))) return always(undefined);
  const own = [...(container.command ?? []), ...(container.args ?? [])];
  const { lifecycle } = container;
  const hook = [...(lifecycle?.postStart?.exec?.command ?? []), ...(lifecycle?.preStop?.exec?.command ?? [])];
  if (path.length > MAX_SCRIPT || [...own, ...hook].some((word) => word.length > MAX_SCRIPT)) return always(undefined);
  if (mentions(hook, path)) return always(undefined);
  if (!mentions(own, path)) return always(missing);
  const story = storyOf(own.at(-1) ?? '', path);
  const at = (elapsed: number): Fault | undefined => {
    if (story.knownUntil !== undefined && elapsed >= story.knownUntil) return undefined;
    return story.changes.findLast((change) => change.at <= elapsed)?.exists ? undefined : missing;
  };
  const changes = story.changes.map((change) => change.at);
  return { at, changes: story.knownUntil === undefined ? changes : [...changes, story.knownUntil] };
}

const mentions = (words: string[], path: string): boolean => words.some((word) => word.includes(path));
