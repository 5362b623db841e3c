/** What a Binding may bind a pod to. */
import { checked } from '../../objects/field-checks.ts';
import { type FieldError, notSupported, required } from '../../objects/field-error.ts';
import { isDNS1123Subdomain } from '../../objects/names.ts';
import { StatusError } from '../../objects/status.ts';

/** Throws 500, as an error that has no status is answered. */
export function checkTarget(kind: string, node: string): void {
  const errors: FieldError[] = [];
  if (kind && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (!node) errors.push(required('target.name'));
  else if (!kind || kind === 'Node') errors.push(...checked(isDNS1123Subdomain(node), 'target.name', node));
  if (errors.length === 0) return;
  const texts = errors.map((e) => `${e.field}: ${e.message}`);
  throw new StatusError(500, '', texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
}
