/** `kube-diorama create`: a new cluster on a running server. Prints what the server answers: its id, address and token. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { ask } from './ask.ts';
import { defineCommand, UsageError } from './command.ts';
import { FORCE, KUBECONFIG, makeCluster } from './made-cluster.ts';
import { SERVER, serverOption } from './options.ts';

export const create = defineCommand({
  name: 'create',
  about: 'Make a cluster on a running server.',
  options: {
    server: SERVER,
    kubeconfig: KUBECONFIG,
    force: FORCE,
    nodes: { type: 'string', value: 'N', about: 'How many nodes; 3 by default.' },
    name: { type: 'string', value: 'NAME', about: 'By default its id.' },
    profile: { type: 'string', value: 'PROFILE', about: 'What it has: `full`, `no-kubelet`, `api` or `envtest`.' },
    seed: { type: 'string', value: 'TEXT', about: 'The same seed and the same requests give the same names.' },
    ttl: { type: 'string', value: 'SECONDS', about: 'Until it is gone; a day by default.' },
    webhooks: {
      type: 'string',
      value: 'URL,…',
      about: 'https URLs at which webhooks of the cluster may be called, each with what lies below it.',
    },
    spec: {
      type: 'string',
      value: 'FILE',
      about: 'The body of POST /v1/clusters as JSON, `-` to read it from the input.',
    },
  },
  async run({ server: given, kubeconfig, force, nodes, ttl, webhooks, spec, ...texts }) {
    const server = serverOption(given);
    const body = {
      ...(spec === undefined ? {} : await readSpec(spec)),
      ...Object.fromEntries(
        ['name', 'profile', 'seed'].flatMap((name) =>
          entryOf(name, texts[name as keyof typeof texts] as string | undefined),
        ),
      ),
      ...Object.fromEntries([
        ...entryOf('nodes', number(nodes, '--nodes')),
        ...entryOf('ttl', number(ttl, '--ttl')),
        ...entryOf('webhooks', webhooks === undefined ? undefined : { allow: webhooks.split(',') }),
      ]),
    };
    await makeCluster(server, { kubeconfig, force }, () =>
      ask(`${server}/v1/clusters`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  },
});

const entryOf = <T>(name: string, value: T | undefined): [string, T][] => (value === undefined ? [] : [[name, value]]);

function number(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new UsageError(`${name} ${value} is no whole number`);
  return Number(value);
}

async function readSpec(path: string): Promise<object> {
  const source = path === '-' ? await text(process.stdin) : await readFile(path, 'utf8');
  try {
    const spec = JSON.parse(source);
    if (typeof spec === 'object' && spec !== null && !Array.isArray(spec)) return spec;
  } catch {
    // Told below.
  }
  throw new Error(`${path === '-' ? 'the input' : path} is no JSON object`);
}
