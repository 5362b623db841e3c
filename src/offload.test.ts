import { describe, expect, it } from 'vitest';
import { weightOf } from './offload.ts';
import { HeavyRequests } from './platform/heavy-requests.ts';
import { BODY_GROWTH, OFFLOADED_BODY_BYTES, OFFLOADED_READ_BYTES } from './platform/limits.ts';

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
    const known = new HeavyRequests();
    expect(weightOf(known, 'a', sending(OFFLOADED_BODY_BYTES - 1))).toBe(0);
    expect(weightOf(known, 'a', sending(OFFLOADED_BODY_BYTES))).toBe(OFFLOADED_BODY_BYTES * BODY_GROWTH);
    expect(weightOf(known, 'a', sending(undefined))).toBeGreaterThan(0);
    expect(weightOf(known, 'a', request(PATH, { method: 'DELETE' }))).toBe(0);
  });

  it('by what was read at the same place, whatever is asked there', () => {
    const known = new HeavyRequests();
    const weight = (path: string, init?: RequestInit): number => weightOf(known, 'a', request(path, init));
    known.remember('a', new URL(`https://a${PATH}/x`), OFFLOADED_READ_BYTES);
    known.remember('a', new URL(`https://a${PATH}/y`), OFFLOADED_READ_BYTES - 1);
    const patch = { method: 'PATCH', body: '{}', headers: { 'content-length': '2' } };
    expect(weight(`${PATH}/x?fieldManager=m`, patch)).toBe(OFFLOADED_READ_BYTES * BODY_GROWTH);
    expect(weight(`${PATH}/y`, patch)).toBe(0);
    expect(weightOf(known, 'b', request(`${PATH}/x`, patch))).toBe(0);
  });

  it('where it is made anew of what is stored, and not where that is passed on', () => {
    const known = new HeavyRequests();
    const weight = (query: string, accept: string): number =>
      weightOf(known, 'a', request(PATH + query, { headers: { accept } }));
    for (const query of ['', '?limit=500', '?labelSelector=a', '?watch=true'])
      known.remember('a', new URL(`https://a${PATH}${query}`), OFFLOADED_READ_BYTES);
    for (const accept of [
      'application/yaml',
      'application/json;as=Table;g=meta.k8s.io;v=v1',
      'application/vnd.kubernetes.protobuf',
    ])
      expect([accept, weight('', accept)]).toEqual([accept, OFFLOADED_READ_BYTES * BODY_GROWTH]);
    expect(weight('?labelSelector=a', 'application/json')).toBeGreaterThan(0);
    for (const query of ['', '?limit=500']) expect([query, weight(query, 'application/json')]).toEqual([query, 0]);
    expect(weight('?watch=true', 'application/yaml')).toBe(0);
  });
});
