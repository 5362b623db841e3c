/** Events about nodes: they name the node without its version. Models pkg/controller/util/node/controller_utils.go. */
import type { Node } from '../../objects/generated/core-v1.gen.ts';
import type { KubeObject, View } from '../../objects/object.ts';
import type { Write } from '../../simulation/reconciler.ts';
import { recordEvent } from '../events.ts';

/** `uid`: of a node that may be gone. */
export const nodeReference = (name: string, uid: string | undefined): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, ...(uid ? { uid } : {}) },
});

export const recordNodeEvent = (
  reader: View,
  node: Pick<Node, 'metadata'>,
  reason: string,
  what: string,
  now: number,
): Write<KubeObject> => {
  const { name, uid } = node.metadata;
  const message = `Node ${name} event: ${what}`;
  return recordEvent(reader, nodeReference(name, uid), { component: 'node-controller' }, { reason, message }, now);
};

export const recordNodeStatus = (
  reader: View,
  node: Node,
  component: string,
  status: string,
  now: number,
): Write<KubeObject> => {
  const { name, uid } = node.metadata;
  const message = `Node ${name} status is now: ${status}`;
  return recordEvent(reader, nodeReference(name, uid), { component }, { reason: status, message }, now);
};
