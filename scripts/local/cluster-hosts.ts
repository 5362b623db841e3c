/**
 * Whether names such as `kx3oqmz7ab.localhost` lead to this machine. Browsers know that by themselves; other programs ask the system, and
 * those that are linked statically, as kubectl is, ask the name server. Only where both answer can a kubeconfig have such a name.
 */
import { lookup, resolve4 } from 'node:dns/promises';

const NAME = 'diorama.localhost';
/** A name server that takes longer is not waited for, milliseconds. */
const PATIENCE_MS = 250;

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

export async function clusterHostsResolve(ask = { lookup, resolve4 }): Promise<boolean> {
  const asked = Promise.all([
    ask.lookup(NAME).then(({ address }) => isLoopback(address)),
    ask.resolve4(NAME).then((addresses) => addresses.length > 0 && addresses.every(isLoopback)),
  ]).then(
    (answers) => answers.every(Boolean),
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((fulfil) => {
    timer = setTimeout(() => fulfil(false), PATIENCE_MS);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
