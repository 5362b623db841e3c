import { describe, expect, it } from 'vitest';
import { OFFLOADED_BODY_BYTES, OFFLOADED_READ_BYTES } from '../platform/limits.ts';
import { BUILT_IN } from '../resources/built-in.ts';
import { AnswerSizes } from './answer-sizes.ts';
import { isHeavy } from './offload.ts';

const PATH = '/api/v1/namespaces/default/configmaps';
const request = (path: string, init?: RequestInit): Request => new Request(`https://a${path}`, init);
const sending = (bytes: number | undefined, method = 'POST'): Request =>
  request(PATH, {
    method,
    body: '{}',
    headers: bytes === undefined ? {} : { 'content-length': String(bytes) },
  });

describe('a request is heavy', () => {
  it('by its body, or if that does not say how long it is', () => {
    const known = new AnswerSizes();
    expect(isHeavy(known, BUILT_IN, 'a', sending(OFFLOADED_BODY_BYTES - 1))).toBe(false);
    expect(isHeavy(known, BUILT_IN, 'a', sending(OFFLOADED_BODY_BYTES))).toBe(true);
    expect(isHeavy(known, BUILT_IN, 'a', sending(undefined))).toBe(true);
    expect(isHeavy(known, BUILT_IN, 'a', request(PATH, { method: 'DELETE' }))).toBe(false);
  });

  it('by what was read at the same place, whatever is asked there', () => {
    const known = new AnswerSizes();
    const heavy = (path: string, init?: RequestInit): boolean => isHeavy(known, BUILT_IN, 'a', request(path, init));
    known.remember('a', request(PATH), new URL(`https://a${PATH}/x`), OFFLOADED_READ_BYTES);
    known.remember('a', request(PATH), new URL(`https://a${PATH}/y`), OFFLOADED_READ_BYTES - 1);
    const patch = { method: 'PATCH', body: '{}', headers: { 'content-length': '2' } };
    expect(heavy(`${PATH}/x?fieldManager=m`, patch)).toBe(true);
    expect(heavy(`${PATH}/x`, { ...patch, method: 'POST' })).toBe(false);
    expect(heavy(`${PATH}/y`, patch)).toBe(false);
    expect(isHeavy(known, BUILT_IN, 'b', request(`${PATH}/x`, patch))).toBe(false);
  });

  it('where it is made anew of what is stored, and not where that is passed on', () => {
    const known = new AnswerSizes();
    const heavy = (query: string, accept: string): boolean =>
      isHeavy(known, BUILT_IN, 'a', request(PATH + query, { headers: { accept } }));
    for (const query of ['', '?limit=500', '?labelSelector=a', '?watch=true', '?watch=false'])
      known.remember('a', request(PATH), new URL(`https://a${PATH}${query}`), OFFLOADED_READ_BYTES);
    for (const accept of [
      'application/yaml',
      'application/json;as=Table;g=meta.k8s.io;v=v1',
      'application/vnd.kubernetes.protobuf',
    ])
      expect([accept, heavy('', accept)]).toEqual([accept, true]);
    expect(heavy('?labelSelector=a', 'application/json')).toBe(true);
    for (const query of ['', '?limit=500']) expect([query, heavy(query, 'application/json')]).toEqual([query, false]);
    expect(heavy('?watch=true', 'application/yaml')).toBe(false);
    // Not all that speaks of a watch is one.
    expect(heavy('?watch=false', 'application/yaml')).toBe(true);
  });
});
