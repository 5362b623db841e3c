/** The configurations by which containerd attaches pods: its own for the loopback, and the cluster's of /etc/cni/net.d. */

import { EVERYWHERE } from '../ip-addresses.ts';

export const NETWORK_NAME = 'pod-network';
/** The device of a node that its pods hang on. */
export const BRIDGE = 'cni0';
export const PLUGIN_PATH = '/opt/cni/bin';

/** As go-cni has it built in. */
export const LOOPBACK_LIST = { cniVersion: '0.3.1', name: 'cni-loopback', plugins: [{ type: 'loopback' }] };

/** /etc/cni/net.d/10-bridge.conflist of a node: pods on a bridge, with addresses of the node's ranges and ports of the host. */
export const clusterList = (podCIDRs: readonly string[]) => ({
  cniVersion: '1.0.0',
  name: NETWORK_NAME,
  plugins: [
    {
      type: 'bridge',
      bridge: BRIDGE,
      isGateway: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        ranges: podCIDRs.map((subnet) => [{ subnet }]),
        routes: podCIDRs.map((cidr) => ({ dst: EVERYWHERE[cidr.includes(':') ? 6 : 4] })),
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});
