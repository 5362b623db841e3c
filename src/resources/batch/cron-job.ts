/** CronJobs. Source: k8s.io/kubernetes/pkg/apis/batch/validation and pkg/registry/batch/cronjob. */

import { warnPodSecurity } from '../../admission/pod-security.ts';
import type { Strategy } from '../../catalog/strategy.ts';
import { append } from '../../objects/append.ts';
import { nonNegative } from '../../objects/field-checks.ts';
import { type FieldError, invalid, notSupported, required } from '../../objects/field-error.ts';
import type { CronJob, JobTemplateSpec } from '../../objects/generated/batch-v1.gen.ts';
import { byteLength } from '../../objects/names.ts';
import { warningsForHostname, warningsForPodSpec } from '../core/pod/warnings.ts';
import { parseSchedule } from './cron-schedule.ts';
import { defaultJobTemplate, validateJobTemplate } from './job.ts';

/** A job's name gets eleven characters more. */
export const NAME_MAX = 52;
const POLICIES = ['Allow', 'Forbid', 'Replace'];

function defaults(object: CronJob): void {
  object.spec ??= {} as CronJob['spec'];
  const { spec } = object;
  spec.jobTemplate ??= {} as JobTemplateSpec;
  spec.jobTemplate.metadata ??= {};
  spec.jobTemplate.spec ??= {} as JobTemplateSpec['spec'];
  defaultJobTemplate(spec.jobTemplate.spec);
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
}

function schedule(spec: CronJob['spec'], old: CronJob['spec'] | undefined): FieldError[] {
  const text: string = spec.schedule ?? '';
  const field = 'spec.schedule';
  const errors: FieldError[] = [];
  if (!text) return errors;
  try {
    parseSchedule(text);
  } catch (error) {
    errors.push(invalid(field, text, (error as Error).message));
  }
  if (!text.includes('TZ')) return errors;
  if (!old?.schedule?.includes('TZ'))
    errors.push(invalid(field, text, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  else if (spec.timeZone !== undefined)
    errors.push(invalid(field, text, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  return errors;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function timeZone(name: string | undefined): FieldError[] {
  const field = 'spec.timeZone';
  if (name === undefined || name === null) return [];
  if (!name) return [invalid(field, name, 'timeZone must be nil or non-empty string')];
  const unknown = invalid(field, name, `unknown time zone ${name}`);
  for (const part of name.split('/'))
    if (part === '.' || part === '..' || part.startsWith('-') || !/^[A-Za-z.\-_0-9+]{1,14}$/.test(part))
      return [unknown];
  if (name.toLowerCase() === 'local')
    return [
      invalid(field, name, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'),
      ...(name === 'Local' ? [] : [unknown]),
    ];
  return isTimeZone(name) ? [] : [unknown];
}

function validate(object: CronJob, old?: CronJob): FieldError[] {
  const { spec } = object;
  const errors = schedule(spec, old?.spec);
  append(errors, nonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'));
  if (!old || old.spec.timeZone !== spec.timeZone) append(errors, timeZone(spec.timeZone));
  const policy = spec.concurrencyPolicy;
  if (!policy) errors.push(required('spec.concurrencyPolicy'));
  else if (!POLICIES.includes(policy)) errors.push(notSupported('spec.concurrencyPolicy', policy, POLICIES));
  const job = spec.jobTemplate.spec;
  append(errors, validateJobTemplate(job, 'spec.jobTemplate.spec'));
  if (job.selector)
    errors.push(invalid('spec.jobTemplate.spec.selector', job.selector, '`selector` will be auto-generated'));
  if (job.manualSelector) errors.push(notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false']));
  append(errors, nonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'));
  append(errors, nonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'));
  return errors;
}

/** What the API's types say themselves comes last. */
const declared = ({ spec }: CronJob): FieldError[] => (spec.schedule ? [] : [required('spec.schedule')]);

export const cronjobs: Strategy<CronJob> = {
  defaults,
  reads: (_object, _operation, namespace = '') => [{ resource: 'namespaces', name: namespace }],
  review(object, _old, context) {
    if (!context.subresource) warnPodSecurity(object.spec.jobTemplate.spec.template, context);
  },
  validate(object) {
    const errors = validate(object);
    const { name } = object.metadata;
    if (byteLength(name) > NAME_MAX)
      errors.push(invalid('metadata.name', name, `must be no more than ${NAME_MAX} characters`));
    append(errors, declared(object));
    return errors;
  },
  validateUpdate: (object, old) => [...validate(object, old), ...declared(object)],
  warnings(object, old) {
    if (old && old.metadata.generation === object.metadata.generation) return [];
    const { template } = object.spec.jobTemplate.spec;
    const texts = old ? [] : warningsForHostname(object.metadata.name, 'this is used in Pod names and hostnames');
    append(texts, warningsForPodSpec(template.spec, template.metadata, 'spec.jobTemplate.spec.template'));
    if (/TZ/.test(object.spec.schedule ?? ''))
      texts.push(
        'spec.schedule: TZ or CRON_TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
      );
    return texts;
  },
};
