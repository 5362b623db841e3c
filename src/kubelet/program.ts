/** What a container's program does, as far as the cluster can see: how it ends, and when. There is no machine behind it. */

interface Reference {
  name: string;
  optional?: boolean;
}

export interface KeyReference extends Reference {
  key: string;
}

export interface SecurityContext {
  runAsUser?: number;
  runAsGroup?: number;
  runAsNonRoot?: boolean;
}

export interface Container {
  name: string;
  image: string;
  imagePullPolicy?: string;
  command?: string[];
  args?: string[];
  restartPolicy?: string;
  env?: { name: string; valueFrom?: { configMapKeyRef?: KeyReference; secretKeyRef?: KeyReference } }[];
  envFrom?: { configMapRef?: Reference; secretRef?: Reference }[];
  readinessProbe?: { initialDelaySeconds?: number };
  startupProbe?: { initialDelaySeconds?: number };
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: SecurityContext;
  volumeDevices?: { name: string }[];
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean; recursiveReadOnly?: string }[];
}

export interface Exit {
  code: number;
  /** Milliseconds after the start. */
  after: number;
}

/** How the program ends by itself; undefined: it runs until it is stopped. */
export function exitOf(container: Container): Exit | undefined {
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  const program = words[0]?.split('/').at(-1);
  if (program === 'true') return { code: 0, after: 0 };
  if (program === 'false') return { code: 1, after: 0 };
  return undefined;
}

/** An init container's: the pod waits for it, so one that would run forever is taken to have done its work at once. */
export const initExitOf = (container: Container): Exit => exitOf(container) ?? { code: 0, after: 0 };

/** The exit code when it is asked to stop: an image's own program ends in good order, a bare command by the signal. */
export const stopCode = (container: Container): number => (container.command ? 137 : 0);
