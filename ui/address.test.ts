import { describe, expect, it } from 'vitest';
import { readAddress } from './address.ts';

describe('the address of the page', () => {
  it('names the sandbox behind its #', () => {
    const sandbox = { id: 'abc', token: 'secret' };
    expect(readAddress('/', '', '#abc/secret').aim).toEqual({ kind: 'open', sandbox });
    for (const [path, hash] of [
      ['/embed/abc', '#secret'],
      ['/embed/abc/', '#secret&theme=dark'],
      ['/embed/abc', '#token=secret'],
    ] as const)
      expect(readAddress(path, '', hash).aim).toEqual({ kind: 'open', sandbox });
    expect(readAddress('/', '', '').aim).toEqual({ kind: 'welcome' });
  });

  it('says what a sandbox is made of', () => {
    const hash = `#manifests=${encodeURIComponent('kind: Pod\na: 1+1')}&commands=${encodeURIComponent('kubectl get pods\n\n echo ü ')}`;
    const { aim, commands } = readAddress('/embed/new', '', hash);
    expect(aim).toEqual({ kind: 'make', wish: { manifests: 'kind: Pod\na: 1+1' } });
    expect(commands).toEqual(['kubectl get pods', 'echo ü']);
    const form = `#${new URLSearchParams({ manifests: 'a: b c', spec: 'x-_' })}`;
    expect(readAddress('/embed/new/', '', form).aim).toEqual({
      kind: 'make',
      wish: { manifests: 'a: b c', packed: 'x-_' },
    });
  });

  it('says how the page is to look, in the query or behind the #', () => {
    const { options } = readAddress('/embed/new', '?theme=light&view=nodes,events&utm_source=x', '#accent=%23abc');
    expect(options).toEqual({
      theme: 'light',
      accent: '#aabbcc',
      autoHeight: false,
      views: ['nodes', 'events'],
      loading: 'eager',
    });
    const more = readAddress('/embed/new', '', '#height=auto&loading=click&namespace=shop').options;
    expect(more).toMatchObject({ autoHeight: true, loading: 'click', namespace: 'shop' });
  });

  it.each([
    ['/embed/abc', '', '', 'needs the cluster’s token'],
    ['/', '', '#abc', '/#ID/TOKEN'],
    ['/embed/new', '', '#manifest=x', 'no option “manifest”'],
    ['/embed/new', '', '#manifests=%E0%A4%A', 'encodeURIComponent'],
    ['/embed/new', '?manifests=x', '', 'behind the #'],
    ['/embed/new', '?template=basics', '', 'Templates are not there yet'],
    ['/embed/new', '', '#secret', 'no token yet'],
    ['/embed/abc', '', '#secret&manifests=x', '/embed/new'],
    ['/embed/abc', '', '#secret&dark', 'says nothing'],
    ['/embed/abc', '', '#secret&theme=blue', 'light, dark, auto'],
    ['/embed/abc', '', '#secret&accent=red', 'colour'],
    ['/embed/abc', '', '#secret&view=map', 'nodes, events'],
    ['/embed/abc', '', '#secret&view=', 'nodes, events'],
    ['/embed/abc', '', '#secret&namespace=A', 'namespace'],
  ])('is told to be wrong: %s%s%s', (path, search, hash, message) => {
    const { aim } = readAddress(path, search, hash);
    expect(aim).toEqual({ kind: 'wrong', message: expect.stringContaining(message) });
  });
});
