/** ControllerRevisions. Source: k8s.io/kubernetes/pkg/apis/apps/validation and pkg/registry/apps. */

import type { Strategy } from '../../catalog/strategy.ts';
import { nonNegative, unchanged } from '../../objects/field-checks.ts';
import { required } from '../../objects/field-error.ts';
import type { ControllerRevision } from '../../objects/generated/apps-v1.gen.ts';

export const controllerrevisions: Strategy<ControllerRevision> = {
  validate(object) {
    const errors = [...nonNegative(object.revision, 'revision')];
    const { data } = object;
    if (data === undefined || data === null) errors.push(required('data', 'data is mandatory'));
    else if (typeof data !== 'object' || Array.isArray(data))
      errors.push(required('data', 'data must be a valid JSON object'));
    return errors;
  },
  validateUpdate: (object, old) => [
    ...nonNegative(object.revision, 'revision'),
    ...unchanged(object.data, old.data, 'data'),
  ],
  hasGeneration: false,
};
