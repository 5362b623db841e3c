/** Groups of the Kubernetes project itself need a word that they were approved. */
import { type FieldError, invalid, required } from '../../objects/field-error.ts';
import type { CustomResourceDefinition } from '../../objects/generated/apiextensions-v1.gen.ts';

const APPROVAL = 'api-approved.kubernetes.io';
const APPROVAL_RULES = 'see https://github.com/kubernetes/enhancements/pull/1111';
/** What the annotation says, by the first words of it. */
function approvalState({ metadata }: CustomResourceDefinition): string {
  const approval = metadata.annotations?.[APPROVAL] ?? '';
  if (approval === '') return 'missing';
  if (approval.startsWith('unapproved')) return 'bypassed';
  return IS_URL.test(approval) ? 'approved' : 'invalid';
}

const IS_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/]+/i;

export function validateApproval(o: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  if (old && approvalState(old) === approvalState(o)) return [];
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(o.spec?.group ?? '')) return [];
  const approval = o.metadata.annotations?.[APPROVAL] ?? '';
  const field = `metadata.annotations[${APPROVAL}]`;
  const need = `protected groups must have approval annotation "${APPROVAL}"`;
  if (approval === '') return [required(field, `${need}, ${APPROVAL_RULES}`)];
  if (approval.startsWith('unapproved') || IS_URL.test(approval)) return [];
  return [
    invalid(field, approval, `${need} with either a URL or a reason starting with "unapproved", ${APPROVAL_RULES}`),
  ];
}
