/** CSINodes. Source: k8s.io/kubernetes/pkg/apis/storage. */

import type { Strategy } from '../../catalog/strategy.ts';
import { sameData } from '../../objects/equality.ts';
import { isSet, qualifiedName } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, immutable, invalid, negative, required } from '../../objects/field-error.ts';
import type { CSINode, CSINodeDriver } from '../../objects/generated/storage-v1.gen.ts';
import { byteLength } from '../../objects/names.ts';
import { validateDriverName } from './driver-name.ts';

export const NODE_ID_MAX = 256;

function validateNode(o: CSINode): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [i, driver] of (o.spec?.drivers ?? []).entries()) {
    const at = `spec.drivers[${i}]`;
    const { name, nodeID = '', allocatable, topologyKeys } = driver;
    errors.push(...validateDriverName(name, `${at}.name`));
    if (nodeID === '') errors.push(required(`${at}.nodeID`));
    if (byteLength(nodeID) > NODE_ID_MAX)
      errors.push(invalid(`${at}.nodeID`, nodeID, `must be ${NODE_ID_MAX} characters or less`));
    if (isSet(allocatable?.count) && allocatable?.count < 0)
      errors.push(negative(`${at}.allocatable.count`, allocatable?.count));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    const keys = new Set<string>();
    for (const key of topologyKeys ?? []) {
      if (key === '') errors.push(required(at));
      if (keys.has(key)) errors.push(duplicate(at, key));
      keys.add(key);
      errors.push(...qualifiedName(key, at));
    }
  }
  return errors;
}

export const csiNode: Strategy<CSINode> = {
  statusKeepsMetadata: true,
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  defaults: (o) => {
    o.spec ??= {} as CSINode['spec'];
    o.spec.drivers ??= null as never;
    for (const driver of o.spec.drivers ?? []) driver.topologyKeys ??= null;
  },
  validate: validateNode,
  validateUpdate: (o, old) => {
    const errors = validateNode(o);
    for (const before of old.spec?.drivers ?? [])
      for (const driver of o.spec?.drivers ?? []) {
        if (driver.name !== before.name) continue;
        const [a, b] = [
          { ...driver, allocatable: undefined },
          { ...before, allocatable: undefined },
        ];
        if (!sameData(a, b)) errors.push(immutable('spec.drivers', printedDriver(driver)));
      }
    return errors;
  },
};

/** As a message prints it: the fields of the internal type, without what may change. */
const printedDriver = (d: CSINodeDriver): object => ({
  Name: d.name ?? '',
  NodeID: d.nodeID ?? '',
  TopologyKeys: d.topologyKeys ?? null,
  Allocatable: null,
});
