/**
 * Says of each FlowSchema whether its priority level is there. In a real cluster the API server itself does it, where it shares out its
 * attention. Models presyncFlowSchemaStatus in k8s.io/apiserver/pkg/util/flowcontrol/apf_controller.go.
 */

import { danglingCondition } from '../../catalog/dangling-condition.ts';
import type { ClusterReconciler } from '../../objects/cluster-reconciler.ts';
import { type Condition, conditionOf, withCondition } from '../../objects/conditions.ts';
import type { FlowSchema } from '../../objects/generated/flowcontrol-v1.gen.ts';
import type { KubeObject } from '../../objects/object.ts';
import { timestamp } from '../../objects/time.ts';

const SCHEMAS = 'flowschemas.flowcontrol.apiserver.k8s.io';
const LEVELS = 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io';

export const FLOW_SCHEMA_CONTROLLER = 'priority-and-fairness-config-consumer';

const levelOf = (schema: FlowSchema): string => schema.spec?.priorityLevelConfiguration?.name ?? '';

export const flowSchemaController = (): ClusterReconciler => ({
  name: FLOW_SCHEMA_CONTROLLER,
  manager: 'api-priority-and-fairness-config-consumer-v1',
  reads: ['flowschemas.flowcontrol.apiserver.k8s.io'],
  watches: [
    { resource: SCHEMAS, keys: ({ new: schema }) => (schema ? [schema.metadata.name] : []) },
    {
      resource: LEVELS,
      keys: ({ old, new: level }, reader) => {
        if (old && level) return [];
        const { name } = ((level ?? old) as KubeObject).metadata;
        return reader
          .list(SCHEMAS)
          .filter((schema) => levelOf(schema) === name)
          .map((schema) => schema.metadata.name);
      },
    },
  ],
  reconcile(reader, name, { now }) {
    const schema = reader.get(SCHEMAS, undefined, name);
    if (!schema) return { writes: [] };
    const level = levelOf(schema);
    const condition = danglingCondition(level, reader.get(LEVELS, undefined, level) !== undefined, timestamp(now));
    const before = conditionOf(schema, 'Dangling');
    if (before?.status === condition.status && before.message === condition.message) return { writes: [] };
    const conditions = withCondition(schema.status?.conditions as Condition[] | undefined, condition);
    return {
      writes: [
        { verb: 'update', subresource: 'status', object: { ...schema, status: { ...schema.status, conditions } } },
      ],
    };
  },
});
