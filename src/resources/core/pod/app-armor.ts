/** The annotations that say a container's AppArmor profile, and the fields that took their place. models pkg/registry/core/pod/strategy.go */

import type { StageContext } from '../../../catalog/strategy.ts';
import { sameData } from '../../../objects/equality.ts';
import type { AppArmorProfile, Pod, PodSpec } from '../../../objects/generated/core-v1.gen.ts';
import { containersOf } from './security-context.ts';

const ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const DEPRECATED = 'deprecated since v1.30; use the "appArmorProfile" field instead';
const LOCAL = 'localhost/';
export const NAME_MAX = 4095;

const warning = (key: string, path: string): string => `${path}.annotations[${key}]: ${DEPRECATED}`;

/** The field that means what an annotation says; undefined when there is none. */
function fieldFor(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const name = annotation.startsWith(LOCAL) ? annotation.slice(LOCAL.length) : '';
  if (name === '' || name.trim() !== name || name.length > NAME_MAX) return undefined;
  return { type: 'Localhost', localhostProfile: name };
}

/** Gives a new pod's containers the fields that its annotations mean. */
export function applyAppArmorAnnotations(pod: Pod, context: StageContext): void {
  const { spec, metadata } = pod;
  if (!metadata.annotations || spec.os?.name === 'windows') return;
  for (const [container] of containersOf(spec, 'spec')) {
    const key = ANNOTATION + container.name;
    const annotation = metadata.annotations[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const profile = fieldFor(annotation);
    if (profile && sameData(profile, spec.securityContext?.appArmorProfile)) continue;
    if (profile) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
    context.warn?.(warning(key, 'metadata'));
  }
}

/** Of a template at `path`, whose containers keep what they have. */
// biome-ignore lint/suspicious/noExplicitAny: read by fields that are named as text
export function warningsForAppArmor(spec: PodSpec, metadata: any, path: string): string[] {
  if (!metadata?.annotations) return [];
  const texts: string[] = [];
  for (const [container] of containersOf(spec, 'spec')) {
    const key = ANNOTATION + container.name;
    const annotation = metadata.annotations[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const whole = spec.securityContext?.appArmorProfile;
    if (!whole || !sameData(whole, fieldFor(annotation))) texts.push(warning(key, path));
  }
  return texts;
}
