/** The commands that change or remove what is there. Source: k8s.io/kubectl/pkg/cmd/{scale,set,rollout,label,drain,delete}. */
import { type Command, each, type Flag, isCount, managed, namespaceOf, type Run, shown } from './command.ts';
import { type Kind, kindOf, type Reference, references } from './kinds.ts';

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

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

export const scale: Command = {
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

export const setImage: Command = {
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

export const restart: Command = {
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

export const label: Command = {
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

export const cordoning = (word: 'cordon' | 'uncordon'): Command => ({
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

export const remove: Command = {
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
