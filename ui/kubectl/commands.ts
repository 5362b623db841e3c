/**
 * kubectl's lines that this page can do as kubectl does them: the same requests, and the same words afterwards. A line with a flag or
 * a form that is not here is only shown. Source: k8s.io/kubectl/pkg/cmd.
 */
import { type Kind, kindOf, pathOf, type Reference, references } from './kinds.ts';
import { type Line, parseLine } from './words.ts';

/** A request to the cluster's API. Throws `ApiError`. */
export type Ask = (method: string, path: string, body?: unknown, type?: string) => Promise<any>;

/** Does it, and answers what kubectl would print. */
export type Run = (ask: Ask) => Promise<string>;

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

const managed = (path: string, manager: string): string => `${path}?fieldManager=${manager}`;

/** A command with a flag beside these is none that this page can do. */
interface Command {
  words: string[];
  flags: string[];
  make(rest: string[], flag: (name: string) => string | undefined, line: Line): Run | undefined;
}

const isCount = (text: string | undefined): text is string => text !== undefined && /^\d{1,9}$/.test(text);

/** `a=b,c=d` */
function labelsOf(text: string): Record<string, string> | undefined {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return pairs.every((pair) => pair.length === 2 && pair[0]) ? Object.fromEntries(pairs) : undefined;
}

/** The name of an image's container; undefined where kubectl adds something random to it. */
function containerName(image: string): string | undefined {
  const name = image.split('/').at(-1)!.split(/[:@]/)[0]!;
  return /^[a-z0-9-]+$/.test(name) ? name : undefined;
}

const deployments = kindOf('deployment')!;
const services = kindOf('service')!;
const pods = kindOf('pod')!;
const namespaces = kindOf('namespace')!;

const createDeployment: Command = {
  words: ['create', 'deployment'],
  flags: ['--image', '--replicas', '--port'],
  make([name, ...more], flag, { flags }) {
    const images = flags.get('--image') ?? [];
    const containers = images
      .flatMap((text) => text.split(','))
      .map((image) => ({ name: containerName(image), image }));
    const [replicas = '1', port] = [flag('--replicas'), flag('--port')];
    if (!name || more.length > 0 || containers.length === 0 || containers.some((one) => !one.name)) return undefined;
    if (!isCount(replicas) || (port !== undefined && !isCount(port))) return undefined;
    if (port) Object.assign(containers[0]!, { ports: [{ containerPort: Number(port) }] });
    const labels = { app: name };
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels },
      spec: {
        replicas: Number(replicas),
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    };
    return async (ask) => {
      await ask('POST', managed(pathOf(deployments, namespaceOf(flag)), 'kubectl-create'), body);
      return `deployment.apps/${name} created`;
    };
  },
};

const createNamespace: Command = {
  words: ['create', 'namespace'],
  flags: [],
  make([name, ...more]) {
    if (!name || more.length > 0) return undefined;
    return async (ask) => {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await ask('POST', managed(pathOf(namespaces, ''), 'kubectl-create'), body);
      return `namespace/${name} created`;
    };
  },
};

const run: Command = {
  words: ['run'],
  flags: ['--image', '--labels', '--port'],
  make([name, ...more], flag) {
    const [image, port] = [flag('--image'), flag('--port')];
    const labels = flag('--labels') === undefined ? { run: name } : labelsOf(flag('--labels')!);
    if (!name || more.length > 0 || !image || !labels || (port !== undefined && !isCount(port))) return undefined;
    const container = { name, image, ...(port ? { ports: [{ containerPort: Number(port) }] } : {}) };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { containers: [container] } };
    return async (ask) => {
      await ask('POST', managed(pathOf(pods, namespaceOf(flag)), 'kubectl-run'), body);
      return `pod/${name} created`;
    };
  },
};

/** Does the same to each object, and tells what has become of it. */
async function each(
  objects: Reference[],
  flag: Flag,
  act: (object: Reference, path: string) => Promise<string>,
): Promise<string> {
  const said: string[] = [];
  for (const object of objects) said.push(await act(object, pathOf(object.kind, namespaceOf(flag), object.name)));
  return said.join('\n');
}

type Flag = (name: string) => string | undefined;
const namespaceOf = (flag: Flag): string => flag('--namespace') ?? 'default';
const shown = ({ kind, name }: Reference): string => `${kind.shown}/${name}`;

/** A command that patches each of its objects in the same way. */
function patching(
  objects: Reference[] | undefined,
  flag: Flag,
  kinds: string[],
  { to = '', manager, type, body, said }: Patch,
): Run | undefined {
  if (!objects?.every(({ kind }) => kinds.includes(kind.plural))) return undefined;
  return (ask) =>
    each(objects, flag, async (object, path) => {
      await ask('PATCH', managed(path + to, manager), body(), type);
      return `${shown(object)} ${said}`;
    });
}

interface Patch {
  /** A subresource: `/scale`. */
  to?: string;
  manager: string;
  type: string;
  body(): unknown;
  said: string;
}

const scale: Command = {
  words: ['scale'],
  flags: ['--replicas'],
  make(rest, flag) {
    const replicas = flag('--replicas');
    if (!isCount(replicas)) return undefined;
    const body = () => ({ spec: { replicas: Number(replicas) } });
    return patching(references(rest), flag, ['deployments', 'replicasets', 'statefulsets'], {
      to: '/scale',
      manager: 'kubectl-scale',
      type: MERGE,
      body,
      said: 'scaled',
    });
  },
};

const setImage: Command = {
  words: ['set', 'image'],
  flags: [],
  make(rest, flag) {
    const at = rest.findIndex((word) => word.includes('='));
    const pairs = at < 0 ? [] : rest.slice(at).map((word) => word.split('='));
    if (pairs.length === 0 || pairs.some((pair) => pair.length !== 2 || !pair[0] || !pair[1])) return undefined;
    const containers = pairs.map(([name, image]) => ({ name, image }));
    return patching(references(rest.slice(0, at)), flag, ['deployments', 'statefulsets', 'daemonsets'], {
      manager: 'kubectl-set',
      type: STRATEGIC,
      body: () => ({ spec: { template: { spec: { containers } } } }),
      said: 'image updated',
    });
  },
};

const restart: Command = {
  words: ['rollout', 'restart'],
  flags: [],
  make: (rest, flag) =>
    patching(references(rest), flag, ['deployments', 'statefulsets', 'daemonsets'], {
      manager: 'kubectl-rollout',
      type: STRATEGIC,
      body: () => {
        const restartedAt = new Date().toISOString().replace(/\.\d+/, '');
        return {
          spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } } },
        };
      },
      said: 'restarted',
    }),
};

const label: Command = {
  words: ['label'],
  flags: ['--overwrite'],
  make(rest, flag) {
    const at = rest.findIndex((word) => /^[^=]+(=.*|-)$/.test(word));
    const changes = at < 0 ? [] : rest.slice(at);
    // Without --overwrite kubectl refuses to change a label, for which it has to look first.
    if (changes.length === 0 || flag('--overwrite') === undefined) return undefined;
    const labels: Record<string, string | null> = {};
    for (const change of changes) {
      const [, name, value, removed] = /^([^=]+?)(?:=([^=]*)|(-))$/.exec(change) ?? [];
      if (!name) return undefined;
      labels[name] = removed ? null : value!;
    }
    const objects = references(rest.slice(0, at));
    const kinds = objects?.map(({ kind }) => kind.plural) ?? [];
    return patching(objects, flag, kinds, {
      manager: 'kubectl-label',
      type: MERGE,
      body: () => ({ metadata: { labels } }),
      said: 'labeled',
    });
  },
};

const cordoning = (word: 'cordon' | 'uncordon'): Command => ({
  words: [word],
  flags: [],
  make(rest, flag) {
    const nodes = kindOf('node')!;
    if (rest.length === 0) return undefined;
    const wanted = word === 'cordon';
    const objects = rest.map((name) => ({ kind: nodes, name: name.replace(/^nodes?\//, '') }));
    return (ask) =>
      each(objects, flag, async (node, path) => {
        const { spec } = await ask('GET', path);
        if ((spec?.unschedulable === true) === wanted) return `${shown(node)} already ${word}ed`;
        await ask('PATCH', path, { spec: { unschedulable: wanted || null } }, STRATEGIC);
        return `${shown(node)} ${word}ed`;
      });
  },
});

const remove: Command = {
  words: ['delete'],
  flags: [],
  make(rest, flag) {
    const objects = references(rest);
    if (!objects) return undefined;
    const where = ({ namespaced }: Kind): string => (namespaced ? ` from ${namespaceOf(flag)} namespace` : '');
    return (ask) =>
      each(objects, flag, async ({ kind, name }, path) => {
        await ask('DELETE', path, { propagationPolicy: 'Background' });
        return `${kind.shown} "${name}" deleted${where(kind)}`;
      });
  },
};

const expose: Command = {
  words: ['expose'],
  flags: ['--port', '--target-port', '--name', '--type'],
  make(rest, flag) {
    const [object, ...more] = references(rest) ?? [];
    const [port, type] = [flag('--port'), flag('--type')];
    if (!object || more.length > 0 || !isCount(port)) return undefined;
    if (!['deployments', 'replicasets', 'pods'].includes(object.kind.plural)) return undefined;
    if (type !== undefined && !['ClusterIP', 'NodePort', 'LoadBalancer'].includes(type)) return undefined;
    return async (ask) => {
      const { metadata, spec } = await ask('GET', pathOf(object.kind, namespaceOf(flag), object.name));
      const selector = object.kind === pods ? metadata.labels : spec.selector.matchLabels;
      if (!selector || spec.selector?.matchExpressions?.length)
        return "error: couldn't retrieve selectors via --selector flag or introspection";
      const target = flag('--target-port') ?? port;
      const name = flag('--name') ?? object.name;
      const ports = [{ protocol: 'TCP', port: Number(port), targetPort: isCount(target) ? Number(target) : target }];
      const body = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, ...(metadata.labels ? { labels: metadata.labels } : {}) },
        spec: { ports, selector, ...(type ? { type } : {}) },
      };
      await ask('POST', managed(pathOf(services, namespaceOf(flag)), 'kubectl-expose'), body);
      return `service/${name} exposed`;
    };
  },
};

const COMMANDS = [
  createDeployment,
  { ...createDeployment, words: ['create', 'deploy'] },
  createNamespace,
  { ...createNamespace, words: ['create', 'ns'] },
  run,
  scale,
  setImage,
  restart,
  label,
  cordoning('cordon'),
  cordoning('uncordon'),
  remove,
  expose,
];

/** What the line does; undefined for a line that can only be shown. */
export function commandOf(text: string): Run | undefined {
  const line = parseLine(text);
  if (!line) return undefined;
  const command = COMMANDS.find(({ words }) => words.every((word, i) => line.words[i] === word));
  if (!command) return undefined;
  const known = [...command.flags, '--namespace'];
  for (const [name, values] of line.flags)
    if (!known.includes(name) || (values.length > 1 && name !== '--image')) return undefined;
  return command.make(line.words.slice(command.words.length), (name) => line.flags.get(name)?.[0], line);
}
