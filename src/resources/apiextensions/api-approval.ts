/** Groups of the Kubernetes project itself need a word that they were approved. models k8s.io/apiextensions-apiserver/pkg/apihelpers */
import { type FieldError, invalid, required } from '../../objects/field-error.ts';
import type { CustomResourceDefinition } from '../../objects/generated/apiextensions-v1.gen.ts';
import { quoteGo } from '../../objects/go-quote.ts';

const APPROVAL = 'api-approved.kubernetes.io';
const NEEDED = `protected groups must have approval annotation "${APPROVAL}"`;
const RULES = 'see https://github.com/kubernetes/enhancements/pull/1111';
const IS_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/]+/i;

interface Approval {
  /** As a condition names it. */
  reason: 'MissingAnnotation' | 'UnapprovedAnnotation' | 'ApprovedAnnotation' | 'InvalidAnnotation';
  message: string;
}

const annotationOf = ({ metadata }: CustomResourceDefinition): string => metadata.annotations?.[APPROVAL] ?? '';

/** What the annotation says; undefined: the group needs none. */
export function approvalOf(definition: CustomResourceDefinition): Approval | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(definition.spec?.group ?? '')) return undefined;
  const approval = annotationOf(definition);
  if (approval === '') return { reason: 'MissingAnnotation', message: `${NEEDED}, ${RULES}` };
  if (approval.startsWith('unapproved'))
    return { reason: 'UnapprovedAnnotation', message: `not approved: ${quoteGo(approval)}` };
  if (IS_URL.test(approval)) return { reason: 'ApprovedAnnotation', message: `approved in ${approval}` };
  const message = `${NEEDED} with either a URL or a reason starting with "unapproved", ${RULES}`;
  return { reason: 'InvalidAnnotation', message };
}

export function validateApproval(o: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  const approval = approvalOf(o);
  if (!approval || (old && approvalOf(old)?.reason === approval.reason)) return [];
  const field = `metadata.annotations[${APPROVAL}]`;
  if (approval.reason === 'MissingAnnotation') return [required(field, approval.message)];
  return approval.reason === 'InvalidAnnotation' ? [invalid(field, annotationOf(o), approval.message)] : [];
}
