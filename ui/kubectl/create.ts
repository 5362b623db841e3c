/** The commands that make something. Source: k8s.io/kubectl/pkg/cmd/{create,run,expose}. */
import { type Command, isCount, managed, namespaceOf } from './command.ts';
import { kindOf, pathOf, references } from './kinds.ts';

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

export const createDeployment: Command = {
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
      try {
        await ask('POST', managed(pathOf(deployments, namespaceOf(flag)), 'kubectl-create'), body);
      } catch (error) {
        // Of this command alone kubectl has its own words.
        return `error: failed to create deployment: ${(error as Error).message}`;
      }
      return `deployment.apps/${name} created`;
    };
  },
};

export const createNamespace: Command = {
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

export const run: Command = {
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

export const expose: Command = {
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
