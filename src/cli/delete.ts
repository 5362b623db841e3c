/** `kube-diorama delete`: a cluster with all that is in it. */
import { ask, bearer } from './ask.ts';
import { defineCommand } from './command.ts';
import { CLUSTER, CLUSTER_OPERAND, clusterOption, SERVER, serverOption, TOKEN, tokenOption } from './options.ts';

export const deleteCluster = defineCommand({
  name: 'delete',
  about: 'Delete a cluster with all that is in it.',
  operands: CLUSTER_OPERAND,
  options: { server: SERVER, cluster: CLUSTER, token: TOKEN },
  async run({ server, cluster, token }, operands) {
    const id = clusterOption(cluster, operands);
    await ask(`${serverOption(server)}/v1/clusters/${encodeURIComponent(id)}`, {
      method: 'DELETE',
      headers: bearer(tokenOption(token)),
    });
    console.log(`${id} is deleted`);
  },
});
