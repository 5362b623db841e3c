/** PriorityLevelConfiguration. Source: k8s.io/kubernetes/pkg/apis/flowcontrol. */

import { baseSpec } from '../../catalog/base-layer.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { Findings } from '../../objects/declarative.ts';
import { sameData } from '../../objects/equality.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../objects/field-error.ts';
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '../../objects/generated/flowcontrol-v1.gen.ts';
import { validateFlowConditions } from './flow-schema.ts';

export const QUEUES_MAX = 10_000_000;
/** Bits of the hash that chooses a hand of queues. */
const HASH_BITS = 60;
const DEFAULTS = { shares: 30, handSize: 8, queues: 64, queueLengthLimit: 50 };
const PRESERVE_ZERO = 'flowcontrol.k8s.io/preserve-zero-concurrency-shares';

const nonNegativeInteger = (field: string, value: number | undefined, words: string): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(field, value, words)] : [];

const percent = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && (value < 0 || value > 100)
    ? [invalid(field, value, 'must be between 0 and 100, inclusive')]
    : [];

function validateLimited(limited: LimitedPriorityLevelConfiguration, field: string, found: Findings): void {
  found.add(
    ...nonNegativeInteger(
      `${field}.nominalConcurrencyShares`,
      limited.nominalConcurrencyShares ?? undefined,
      'must be a non-negative integer',
    ),
  );
  validateResponse(limited.limitResponse ?? {}, `${field}.limitResponse`, found);
  found.add(...percent(`${field}.lendablePercent`, limited.lendablePercent));
  found.add(
    ...nonNegativeInteger(
      `${field}.borrowingLimitPercent`,
      limited.borrowingLimitPercent,
      'if specified, must be a non-negative integer',
    ),
  );
}

function validateResponse(response: LimitResponse, field: string, found: Findings): void {
  const { type, queuing } = response;
  if (type === 'Queue') {
    if (queuing) found.add(...validateQueuing(queuing, `${field}.queuing`));
  } else if (type && type !== 'Reject') found.add(notSupported(`${field}.type`, type, ['Queue', 'Reject']));
}

/** What the types say: which part goes with which type. */
function validateUnions(spec: PriorityLevelConfiguration['spec'], found: Findings): void {
  const { type, exempt, limited } = spec;
  if (exempt && type !== 'Exempt') found.declare(forbidden('spec.exempt'));
  if (limited && type !== 'Limited') found.declare(forbidden('spec.limited'));
  if (!limited && type === 'Limited') found.declare(required('spec.limited'));
  found.has(type, 'spec.type');
  if (!limited) return;
  const field = 'spec.limited.limitResponse';
  const response = limited.limitResponse ?? {};
  if (response.queuing && response.type !== 'Queue') found.declare(forbidden(`${field}.queuing`));
  if (!response.queuing && response.type === 'Queue') found.declare(required(`${field}.queuing`));
  found.has(response.type, `${field}.type`);
}

function validateQueuing(q: QueuingConfiguration, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = q;
  if (queueLengthLimit <= 0) errors.push(invalid(`${field}.queueLengthLimit`, queueLengthLimit, 'must be positive'));
  if (queues <= 0) errors.push(invalid(`${field}.queues`, queues, 'must be positive'));
  else if (queues > QUEUES_MAX)
    errors.push(invalid(`${field}.queues`, queues, `must not be greater than ${QUEUES_MAX}`));
  const bits = Math.ceil(Math.log2(queues) * handSize);
  if (handSize <= 0) errors.push(invalid(`${field}.handSize`, handSize, 'must be positive'));
  else if (handSize > queues)
    errors.push(invalid(`${field}.handSize`, handSize, `should not be greater than queues (${queues})`));
  else if (bits > HASH_BITS)
    errors.push(
      invalid(
        `${field}.handSize`,
        handSize,
        `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`,
      ),
    );
  return errors;
}

function validateSpec(name: string, spec: PriorityLevelConfiguration['spec'], found: Findings): void {
  const { type = '', limited, exempt } = spec;
  if ((name === 'exempt') !== (type === 'Exempt'))
    found.add(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  if (type && type !== 'Exempt' && type !== 'Limited')
    found.add(notSupported('spec.type', type, ['Exempt', 'Limited']));
  if (type === 'Exempt' && exempt) {
    const words = 'must be a non-negative integer';
    found.add(...nonNegativeInteger('spec.exempt.nominalConcurrencyShares', exempt.nominalConcurrencyShares, words));
    found.add(...percent('spec.exempt.lendablePercent', exempt.lendablePercent));
  }
  if (type === 'Limited' && limited) validateLimited(limited, 'spec.limited', found);
  validateUnions(spec, found);
}

/** Two levels are part of the machinery: their specs are fixed, but for what exempt requests lend. */
function validateMandatory(o: PriorityLevelConfiguration): FieldError[] {
  const { name } = o.metadata;
  if (name !== 'exempt' && name !== 'catch-all') return [];
  // biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
  const fixed = baseSpec('prioritylevelconfigurations', name) as any;
  const compared = name === 'exempt' ? { ...o.spec, exempt: fixed?.exempt } : o.spec;
  if (sameData(compared, fixed)) return [];
  const except = name === 'exempt' ? " except the 'spec.exempt' field" : '';
  return [invalid('spec', o.spec, `spec of '${name}'${except} must equal the fixed value`)];
}

function validate(o: PriorityLevelConfiguration): FieldError[] {
  const found = new Findings();
  if (o.metadata.annotations?.[PRESERVE_ZERO] !== undefined)
    found.add(forbidden('metadata.annotations', `annotation '${PRESERVE_ZERO}' is forbidden`));
  validateSpec(o.metadata.name, o.spec ?? {}, found);
  found.add(...validateMandatory(o), ...validateFlowConditions(o));
  return found.all();
}

function defaults(o: PriorityLevelConfiguration): void {
  const { exempt, limited } = o.spec ?? {};
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  }
  if (!limited) return;
  limited.nominalConcurrencyShares ??= DEFAULTS.shares;
  limited.lendablePercent ??= 0;
  limited.limitResponse ??= { type: '' };
  const queuing = limited.limitResponse.queuing;
  if (!queuing) return;
  queuing.handSize ||= DEFAULTS.handSize;
  queuing.queues ||= DEFAULTS.queues;
  queuing.queueLengthLimit ||= DEFAULTS.queueLengthLimit;
}

export const priorityLevelConfiguration: Strategy<PriorityLevelConfiguration> = {
  defaults,
  validate,
  validateStatusUpdate: validateFlowConditions,
  statusKeepsMetadata: true,
};
