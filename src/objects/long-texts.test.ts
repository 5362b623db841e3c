/** Texts are as long as clients like: no reader tries every split of one. Each would take minutes if it did. */

import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../test/loose-object.ts';
import { parseSchedule } from '../resources/batch/cron-schedule.ts';
import { imageTag } from '../resources/core/pod/defaults.ts';
import { validateFieldRef } from '../resources/core/pod/downward-api.ts';
import { warningsForPodSpec } from '../resources/core/pod/warnings.ts';
import { GoTimeError, parseDuration } from './go-duration.ts';
import { canonicalQuantity, QuantityError } from './quantity.ts';
import { repeats } from './repeats.ts';

const LENGTH = 400_000;
const rep = (text: string) => text.repeat(Math.ceil(LENGTH / text.length));

describe('long texts', () => {
  it('are quantities or none', () => {
    for (const text of [`${rep('1')}x`, `${rep('1')}.${rep('1')}x`, rep('e'), `-${rep('0')}x`])
      expect(() => canonicalQuantity(text)).toThrow(QuantityError);
    expect(canonicalQuantity(`${rep('0')}7`)).toBe('7');
    expect(canonicalQuantity(rep('9'))).toBe('9223372036854775807');
    expect(canonicalQuantity(`0.${rep('0')}1`)).toBe('1n');
    expect(canonicalQuantity(`0.5${rep('0')}`)).toBe('500m');
  });

  it('are schedules and durations or none', () => {
    for (const text of [`@every ${rep('1')}`, `@every ${rep('1h')}x`, '@every ', '__proto__', '@constructor'])
      expect(() => parseSchedule(text)).toThrow();
    expect(parseSchedule('@every 1h30m')).toEqual({ every: 5_400_000 });
    for (const text of [`${rep('1')}s`, rep('1'), '1constructor', '9223372037s'])
      expect(() => parseDuration(text)).toThrow(GoTimeError);
    expect(parseDuration(`${rep('0')}1.5s`)).toBe(1_500_000_000n);
    expect(parseDuration('9223372036s')).toBe(9_223_372_036_000_000_000n);
  });

  it('are references of images and fields or none', () => {
    expect(imageTag(rep(':'))).toBe('');
    expect(imageTag(`${rep('.')}/x`)).toBe('');
    expect(imageTag('localhost:5000/a/b:1')).toBe('1');
    const [error] = validateFieldRef({ apiVersion: 'v1', fieldPath: rep("['") }, [], 'f');
    expect(error!.message).toContain('field label not supported');
  });
});

describe('long lists', () => {
  it('are looked through once for what comes twice', () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `n${i % 199_999}`);
    expect(repeats(names).filter(Boolean)).toHaveLength(1);
  });

  it('make as many warnings as anybody could read', () => {
    const ports = Array.from({ length: 50_000 }, () => ({ containerPort: 80, protocol: 'TCP' }));
    const warnings = warningsForPodSpec({ containers: [{ name: 'c', image: 'i', ports }] }, {} as LooseObject, 'spec');
    expect(warnings.length).toBeLessThan(1100);
    expect(warnings[0]).toContain('ports[1]: duplicate port definition with');
  });
});
