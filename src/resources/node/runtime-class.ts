/** RuntimeClass. Source: k8s.io/kubernetes/pkg/apis/node. */

import type { Strategy } from '../../catalog/strategy.ts';
import { Findings, inBytes } from '../../objects/declarative.ts';
import { duplicate, type FieldError, immutable, invalid } from '../../objects/field-error.ts';
import type { Toleration } from '../../objects/generated/core-v1.gen.ts';
import type { RuntimeClass } from '../../objects/generated/node-v1.gen.ts';
import { isDNS1123Label } from '../../objects/names.ts';
import { validateLabels } from '../../objects/selector-validation.ts';
import { deprecatedLabel } from '../core/deprecated-labels.ts';
import { validateResourceRequirements } from '../core/pod/resource-requirements.ts';
import { validateTolerations } from '../core/pod/scheduling.ts';

function validate(o: RuntimeClass, old?: RuntimeClass): FieldError[] {
  const found = new Findings();
  if (old) validateNewHandler(o, old, found);
  else if (found.has(o.handler, 'handler'))
    for (const words of isDNS1123Label(o.handler)) found.declare(invalid('handler', o.handler, inBytes(words)));
  if (o.overhead)
    found.add(...validateResourceRequirements({ limits: o.overhead.podFixed ?? {} }, new Set(), 'overhead'));
  const { nodeSelector, tolerations = [] } = o.scheduling ?? {};
  found.add(...validateLabels(nodeSelector, 'scheduling.nodeSelector'));
  found.add(...validateTolerations(tolerations, 'scheduling.tolerations'));
  const seen = new Set<string>();
  for (const [i, t] of tolerations.entries()) {
    const key = JSON.stringify([t.key ?? '', t.operator ?? '', t.value ?? '', t.effect ?? '']);
    if (seen.has(key)) found.add(duplicate(`scheduling.tolerations[${i}]`, printedToleration(t)));
    seen.add(key);
  }
  return found.all();
}

/** The rule against changes hides the one for names from the declared rules, so that it's the written one that tells. */
function validateNewHandler(o: RuntimeClass, old: RuntimeClass, found: Findings): void {
  if (o.handler === old.handler) return;
  if (o.handler) for (const words of isDNS1123Label(o.handler)) found.add(invalid('handler', o.handler, words));
  found.declare(immutable('handler', null));
  found.has(o.handler, 'handler');
}

/** As a message prints it: the fields of the internal type. */
const printedToleration = (t: Toleration): object => ({
  Key: t.key ?? '',
  Operator: t.operator ?? '',
  Value: t.value ?? '',
  Effect: t.effect ?? '',
  TolerationSeconds: t.tolerationSeconds ?? null,
});

export const runtimeClass: Strategy<RuntimeClass> = {
  metadataRules: 'plain',
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate: (o) => validate(o),
  validateUpdate: validate,
  warnings: (o) =>
    Object.keys(o.scheduling?.nodeSelector ?? {}).flatMap((key) => deprecatedLabel(key, 'scheduling.nodeSelector')),
};
