/** Lets a definition be served whose names are accepted. models k8s.io/apiextensions-apiserver/pkg/controller/establish */
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { DEFINITIONS, DEFINITIONS_MANAGER, holds, statusWrite, withConditions } from './custom-resource-definitions.ts';

export const crdEstablishingController = (): ClusterReconciler => ({
  name: 'crdEstablishing',
  manager: DEFINITIONS_MANAGER,
  reads: [],
  watches: [{ resource: DEFINITIONS, keys: ({ new: definition }) => (definition ? [definition.metadata.name] : []) }],
  reconcile(reader, name, { now }) {
    const definition = reader.get(DEFINITIONS, undefined, name);
    if (!definition || !holds(definition, 'NamesAccepted') || holds(definition, 'Established')) return { writes: [] };
    const established = withConditions(definition, now, {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    });
    return { writes: [statusWrite(established)] };
  },
});
