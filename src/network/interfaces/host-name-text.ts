/** What `hostname -i` and `hostname -I` print. */
import { globalAddresses, type NamespaceView } from './namespace-view.ts';

/** `hostname -i`: what the host's own name leads to, by its /etc/hosts. */
export function hostnameAddresses(hosts: string, name: string): string {
  const found = hosts.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return address !== undefined && names.includes(name) ? [address] : [];
  });
  return `${found.join(' ')}\n`;
}

/** `hostname -I`: every address but those of loopback and links. */
export const allAddresses = (view: NamespaceView): string =>
  `${globalAddresses(view)
    .map((address) => `${address} `)
    .join('')}\n`;
