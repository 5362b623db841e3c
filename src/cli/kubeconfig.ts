/** `kube-diorama kubeconfig`: a cluster's kubeconfig, to the standard output. */
import { defineCommand } from './command.ts';
import { fetchKubeconfig } from './made-cluster.ts';
import { CLUSTER, CLUSTER_OPERAND, clusterOption, SERVER, serverOption, TOKEN, tokenOption } from './options.ts';

export const kubeconfig = defineCommand({
  name: 'kubeconfig',
  about: "Print a cluster's kubeconfig.",
  operands: CLUSTER_OPERAND,
  options: { server: SERVER, cluster: CLUSTER, token: TOKEN },
  async run({ server, cluster, token }, operands) {
    const id = clusterOption(cluster, operands);
    process.stdout.write(await fetchKubeconfig(serverOption(server), id, tokenOption(token)));
  },
});
