import { describe, expect, it } from 'vitest';
import type { LooseObject } from '../../../test/loose-object.ts';
import { StatusError } from '../../objects/status.ts';
import { negotiate } from './negotiation.ts';

const ask = (
  accept: string | undefined,
  answer: 'object' | 'list' | 'watch' | 'plain' = 'object',
  query = '',
): LooseObject =>
  negotiate(
    new Request('http://cluster/', { headers: accept === undefined ? {} : { accept } }),
    new URLSearchParams(query),
    answer,
  );

describe('negotiate', () => {
  it('answers JSON unless told otherwise', () => {
    expect(ask(undefined)).toEqual({ format: 'json', pretty: false });
    expect(ask('*/*').format).toBe('json');
    expect(ask('application/yaml').format).toBe('yaml');
    expect(ask('application/json;q=0.5, application/yaml').format).toBe('yaml');
    expect(ask('application/vnd.kubernetes.protobuf,application/json').format).toBe('protobuf');
  });

  it('takes the first transformation that it can do', () => {
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    expect(ask(table)).toEqual({ format: 'json', as: 'Table', asVersion: 'v1', pretty: false });
    expect(ask(table, 'plain').as).toBeUndefined();
    expect(ask('application/json;as=Table;v=v9;g=meta.k8s.io,application/json').as).toBeUndefined();
  });

  it('refuses when nothing is acceptable, saying what would be', () => {
    expect(() => ask('text/plain')).toThrow(StatusError);
    expect(() => ask('application/yaml', 'watch')).toThrow('application/json;stream=watch');
  });

  it('indents for people', () => {
    expect(ask(undefined, 'object', 'pretty=true').pretty).toBe(true);
    expect(ask(undefined, 'object', 'pretty=false').pretty).toBe(false);
  });
});
