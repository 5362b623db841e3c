/** What a job's status may become. Source: k8s.io/kubernetes/pkg/apis/batch/validation, ValidateJobUpdateStatus. */

import { sameData } from '../../objects/equality.ts';
import { isSet, nonNegative } from '../../objects/field-checks.ts';
import { duplicate, type FieldError, invalid, required } from '../../objects/field-error.ts';
import type { Job, JobStatus } from '../../objects/generated/batch-v1.gen.ts';
import { parseIndexes } from './job-indexes.ts';

const has = (object: Job, type: string): boolean =>
  Boolean(object.status?.conditions?.some((c) => c.type === type && c.status === 'True'));

const finished = (object: Job): boolean => has(object, 'Complete') || has(object, 'Failed');

/** A message without a value. */
const omitted = (words: string): FieldError => ({
  type: 'FieldValueInvalid',
  field: 'status.conditions',
  message: `Invalid value: ${words}`,
});

function uncounted(status: JobStatus): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const key of ['succeeded', 'failed'] as const)
    for (const [i, uid] of (status.uncountedTerminatedPods?.[key] ?? []).entries()) {
      const path = `status.uncountedTerminatedPods.${key}[${i}]`;
      if (!uid) errors.push(invalid(path, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(duplicate(path, uid));
      seen.add(uid);
    }
  return errors;
}

function conditions(job: Job, old: Job): FieldError[] {
  const errors: FieldError[] = [];
  const { status = {}, spec } = job;
  const changed = (type: string): boolean => has(job, type) !== has(old, type);
  const completeChanged = changed('Complete');
  const times = !sameData(status.completionTime, old.status?.completionTime);
  if ((completeChanged || changed('Failed')) && has(job, 'Complete') && has(job, 'Failed'))
    errors.push(omitted('cannot set Complete=True and Failed=true conditions'));
  if ((completeChanged || changed('FailureTarget')) && has(job, 'Complete') && has(job, 'FailureTarget'))
    errors.push(omitted('cannot set Complete=True and FailureTarget=true conditions'));
  if (completeChanged || times) {
    if (status.completionTime && !has(job, 'Complete'))
      errors.push(
        invalid(
          'status.completionTime',
          status.completionTime,
          'cannot set completionTime when there is no Complete=True condition',
        ),
      );
    if (!status.completionTime && has(job, 'Complete'))
      errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  }
  if (status.startTime && status.completionTime && status.completionTime < status.startTime)
    errors.push(invalid('status.completionTime', status.completionTime, 'must be equal to or after `startTime`'));
  if (changed('Failed') && has(job, 'Failed') && !has(job, 'FailureTarget'))
    errors.push(omitted('cannot set Failed=True condition without the FailureTarget=true condition'));
  if ((completeChanged || changed('SuccessCriteriaMet')) && has(job, 'Complete') && !has(job, 'SuccessCriteriaMet'))
    errors.push(omitted('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'));
  const ended = finished(job);
  const endChanged = ended !== finished(old);
  const active = status.active ?? 0;
  if ((endChanged || active !== (old.status?.active ?? 0)) && active > 0 && ended)
    errors.push(invalid('status.active', active, 'active>0 is invalid for finished job'));
  const idle = spec.suspend && spec.completions === 0;
  if (!idle && (endChanged || !sameData(status.startTime, old.status?.startTime)) && !status.startTime && ended)
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  return errors;
}

function indexes(job: Job, old: Job): FieldError[] {
  const errors: FieldError[] = [];
  const { status = {}, spec } = job;
  const check = (key: string, text: string): void => {
    if (!isSet(spec.completions)) return;
    const list = parseIndexes(text, spec.completions);
    if (!Array.isArray(list)) errors.push(invalid(`status.${key}`, text, `error parsing ${key}: ${list.error}`));
  };
  const completedChanged = (status.completedIndexes ?? '') !== (old.status?.completedIndexes ?? '');
  const failedChanged = !sameData(status.failedIndexes, old.status?.failedIndexes);
  if (completedChanged) check('completedIndexes', status.completedIndexes ?? '');
  if (failedChanged && isSet(spec.backoffLimitPerIndex) && isSet(status.failedIndexes))
    check('failedIndexes', status.failedIndexes);
  if (completedChanged && status.completedIndexes && spec.completionMode !== 'Indexed')
    errors.push(
      invalid(
        'status.completedIndexes',
        status.completedIndexes,
        'cannot set non-empty completedIndexes when non-indexed completion mode',
      ),
    );
  if (failedChanged && !isSet(spec.backoffLimitPerIndex) && isSet(status.failedIndexes))
    errors.push(
      invalid(
        'status.failedIndexes',
        status.failedIndexes,
        'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ),
    );
  return errors;
}

export function validateJobStatusUpdate(job: Job, old: Job): FieldError[] {
  const { status = {} } = job;
  const before = old.status ?? {};
  const errors: FieldError[] = [];
  for (const key of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const)
    errors.push(...nonNegative(status[key], `status.${key}`));
  errors.push(...uncounted(status), ...conditions(job, old), ...indexes(job, old));
  const readyChanged = status.ready !== before.ready || status.active !== before.active;
  if (readyChanged && isSet(status.ready) && status.ready > (status.active ?? 0))
    errors.push(invalid('status.ready', status.ready, 'cannot set more ready pods than active'));
  const met = has(job, 'SuccessCriteriaMet');
  if (met && has(job, 'Failed')) errors.push(omitted('cannot set SuccessCriteriaMet=True and Failed=true conditions'));
  if (met && has(job, 'FailureTarget'))
    errors.push(omitted('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'));
  if (job.spec.successPolicy && !met && has(job, 'Complete'))
    errors.push(omitted('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'));
  for (const type of ['Failed', 'Complete', 'FailureTarget'] as const)
    if (has(old, type) && !has(job, type)) errors.push(omitted(`cannot disable the terminal ${type}=True condition`));
  for (const key of ['failed', 'succeeded'] as const) {
    const elastic =
      key === 'succeeded' && job.spec.completionMode === 'Indexed' && job.spec.completions === job.spec.parallelism;
    if (!elastic && (status[key] ?? 0) < (before[key] ?? 0))
      errors.push(invalid(`status.${key}`, status[key] ?? 0, `cannot decrease the ${key} counter`));
  }
  if (status.completionTime && before.completionTime && status.completionTime !== before.completionTime)
    errors.push(invalid('status.completionTime', status.completionTime, 'field is immutable'));
  const resuming = has(old, 'Suspended') && !has(job, 'Suspended');
  if (before.startTime && status.startTime !== before.startTime && !job.spec.suspend && !resuming)
    errors.push(
      invalid('status.startTime', status.startTime ?? null, 'field is immutable for unsuspended job once set'),
    );
  if (has(old, 'SuccessCriteriaMet') && !met)
    errors.push(omitted('cannot disable the SuccessCriteriaMet=True condition'));
  return errors;
}
