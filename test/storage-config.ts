/** For API servers over a storage of the test's own: what such a server is told of its cluster. */
import type { ClusterConfig } from '../src/apiserver/storage/storage.ts';
import { componentsOf } from '../src/platform/clusters/components.ts';

export const CONFIG: ClusterConfig = {
  id: 'x',
  seed: 'x',
  serviceCIDR: '10.96.0.0/16',
  podCIDR: '10.244.0.0/16',
  nodePortRange: [30000, 32767],
  components: componentsOf('api'),
};
