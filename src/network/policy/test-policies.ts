/** Clusters for the tests of policies: pods by a few words, and what is expected as who may not reach whom. */
import type { NetworkPolicySpec } from '../../objects/generated/networking-v1.gen.ts';
import type { NamespaceLike, PolicyLike, PolicyPort } from './compiled-policy.ts';
import { policyMatrix } from './matrix.ts';
import type { PodLike } from './subjects.ts';

export const policy = (namespace: string, name: string, spec: Partial<NetworkPolicySpec>): PolicyLike => ({
  metadata: { namespace, name },
  spec,
});

export const namespace = (name: string, labels: Record<string, string> = {}): NamespaceLike => ({
  metadata: { name, labels },
});

let made = 0;

/** `ports`: as `name:port`, or `name:port/UDP`. */
export function pod(key: string, labels: Record<string, string>, ports: string[] = [], spec: object = {}): PodLike {
  const [space = '', name = ''] = key.split('/');
  made++;
  return {
    metadata: { namespace: space, name, labels },
    spec: {
      nodeName: 'node-1',
      containers: [
        {
          name: 'c',
          ports: ports.map((text) => {
            const [, portName = '', port = '', protocol = 'TCP'] = /^(.*):(\d+)(?:\/(.*))?$/.exec(text) ?? [];
            return { name: portName, containerPort: Number(port), protocol };
          }),
        },
      ],
      ...spec,
    },
    status: { podIP: `10.244.${made >> 8}.${made & 255}` },
  };
}

export interface Situation {
  pods: PodLike[];
  namespaces: NamespaceLike[];
  policies: PolicyLike[];
  ports?: PolicyPort[];
}

/** `FROM -> TO:PORT` of all that does not pass, pods to themselves aside. */
export function denied({ pods, namespaces, policies, ports }: Situation): string[] {
  const matrix = policyMatrix({ pods, namespaces, policies, ...(ports ? { ports } : {}) });
  return matrix.rows.flatMap((row) =>
    matrix.pods.flatMap((from, place) =>
      matrix.verdicts[row.from[place]!]!.allowed
        ? []
        : [`${from} -> ${row.to}:${row.port}${row.protocol === 'TCP' ? '' : `/${row.protocol}`}`],
    ),
  );
}
