/** The subsets of Endpoints, put together anew. Models k8s.io/kubernetes/pkg/api/v1/endpoints/util.go (RepackSubsets). */
import type { EndpointAddress, EndpointSubset } from '../../objects/generated/core-v1.gen.ts';

export type Subset = EndpointSubset;

type CorePort = NonNullable<Subset['ports']>[number];

/** Ports that lead to the same addresses are one subset. An address that is somewhere not ready is not ready there. */
export function repacked(subsets: Subset[]): Subset[] {
  const addresses = new Map<string, EndpointAddress>();
  const byPort = new Map<string, { port: CorePort | undefined; ready: Map<string, boolean> }>();
  for (const { addresses: ready = [], notReadyAddresses: notReady = [], ports = [] } of subsets)
    for (const port of ports.length > 0 ? ports : [undefined]) {
      const id = JSON.stringify(port && PORT_FIELDS.map((field) => port[field] ?? ''));
      const known = byPort.get(id) ?? { port, ready: new Map<string, boolean>() };
      byPort.set(id, known);
      const add = (address: EndpointAddress, isReady: boolean): void => {
        const key = `${address.ip} ${address.targetRef?.uid ?? ''}`;
        if (!addresses.has(key)) addresses.set(key, address);
        known.ready.set(key, isReady && known.ready.get(key) !== false);
      };
      for (const address of ready) add(address, true);
      for (const address of notReady) add(address, false);
    }
  const merged = new Map<string, { [Part in keyof Subset]-?: NonNullable<Subset[Part]> }>();
  for (const { port, ready } of byPort.values()) {
    const id = JSON.stringify([...ready].sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = merged.get(id);
    if (known) {
      if (port) known.ports.push(port);
      continue;
    }
    const of = (isReady: boolean): EndpointAddress[] =>
      [...ready].filter(([, r]) => r === isReady).map(([key]) => addresses.get(key)!);
    merged.set(id, { addresses: of(true), notReadyAddresses: of(false), ports: port ? [port] : [] });
  }
  return [...merged.values()];
}

const PORT_FIELDS = ['name', 'port', 'protocol', 'appProtocol'] as const;
