/** The configurations by which containerd attaches pods: its own for the loopback, and the cluster's of /etc/cni/net.d. */

export const NETWORK_NAME = 'pod-network';
export const BRIDGE = 'cni0';
export const PLUGIN_PATH = '/opt/cni/bin';

/** As go-cni has it built in. */
export const LOOPBACK_LIST = { cniVersion: '0.3.1', name: 'cni-loopback', plugins: [{ type: 'loopback' }] };

const EVERYWHERE = (cidr: string): string => (cidr.includes(':') ? '::/0' : '0.0.0.0/0');

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
        routes: podCIDRs.map((cidr) => ({ dst: EVERYWHERE(cidr) })),
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});
