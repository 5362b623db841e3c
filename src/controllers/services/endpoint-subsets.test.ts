import { expect, it } from 'vitest';
import { repacked } from './endpoint-subsets.ts';

const at = (ip: string) => ({ ip });
const [http, https] = [{ port: 80 }, { name: 'https', port: 443 }];

it('puts ports that lead to the same addresses together', () => {
  const apart = [
    { addresses: [at('10.0.0.1')], ports: [http] },
    { addresses: [at('10.0.0.1')], ports: [https] },
    { addresses: [at('10.0.0.2')], ports: [http, https] },
  ];
  const both = [at('10.0.0.1'), at('10.0.0.2')];
  expect(repacked(apart)).toEqual([{ addresses: both, notReadyAddresses: [], ports: [http, https] }]);
});

it('keeps ports apart that lead to others, and takes an address for not ready that is so anywhere', () => {
  const mixed = [
    { addresses: [at('10.0.0.1'), at('10.0.0.2')], ports: [http] },
    { addresses: [at('10.0.0.1')], notReadyAddresses: [at('10.0.0.2')], ports: [http, https] },
    { addresses: [at('10.0.0.3')] },
  ];
  const subset = { addresses: [at('10.0.0.1')], notReadyAddresses: [at('10.0.0.2')], ports: [http, https] };
  expect(repacked(mixed)).toEqual([subset, { addresses: [at('10.0.0.3')], notReadyAddresses: [], ports: [] }]);
});
