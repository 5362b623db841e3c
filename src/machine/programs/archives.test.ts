import { expect, it } from 'vitest';
import { bytesFrom } from '../bytes.ts';
import { gunzip, gzip, MAX_UNPACKED } from './gzip-format.ts';
import { MAX_ENTRIES, readTar, TAR_END, tarBytes } from './tar-format.ts';
import { runApplet } from './test-run.ts';

const entry = { kind: 'file', mode: 0o644, uid: 0, gid: 0, modifiedAt: 1_700_000_000_000, target: '' } as const;

async function packed(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return bytesFrom(new Uint8Array(await new Response(stream).arrayBuffer()));
}

it('unpacks what others have packed, and what it has stored itself', async () => {
  const text = `${'a line that comes again and again\n'.repeat(500)}${Array.from({ length: 3000 }, (_, i) => (i * 7919) % 1000).join(' ')}`;
  expect(gunzip(await packed(text))).toBe(text);
  expect(gunzip(gzip(text))).toBe(text);
  expect(gunzip(gzip(''))).toBe('');
  expect(() => gunzip('no gzip')).toThrow('invalid magic');
  expect(() => gunzip(gzip('abc').replace('abc', 'abd'))).toThrow('crc error');
});

it('unpacks no more than it may', async () => {
  const most = 'x'.repeat(MAX_UNPACKED);
  expect(gunzip(await packed(most)).length).toBe(MAX_UNPACKED);
  const more = await packed(`${most}x`);
  expect(() => gunzip(more)).toThrow('out of memory');
});

it('writes archives that it reads again, also with long names', () => {
  const path = `${'folder/'.repeat(20)}file`;
  const archive =
    tarBytes({ ...entry, path, body: 'abc' }) +
    tarBytes({ ...entry, path: 'd/', kind: 'directory', mode: 0o755, body: '' }) +
    TAR_END;
  expect(readTar(archive)).toEqual([
    { ...entry, path, body: 'abc' },
    { ...entry, path: 'd/', kind: 'directory', mode: 0o755, body: '' },
  ]);
});

it('reads archives of so many entries and no more', () => {
  const one = tarBytes({ ...entry, path: 'empty', body: '' });
  expect(readTar(one.repeat(MAX_ENTRIES) + TAR_END)).toHaveLength(MAX_ENTRIES);
  expect(() => readTar(one.repeat(MAX_ENTRIES + 1) + TAR_END)).toThrow('too many files');
});

it('packs and unpacks files as kubectl cp asks for it', () => {
  const files = { '/work/a/one': '1\n', '/work/a/b/two': '2\n' };
  const packing = runApplet(['tar', 'cf', '-', '/work/a'], { files });
  expect(packing.stderr).toBe("tar: removing leading '/' from member names\n");
  expect(readTar(packing.stdout).map(({ path }) => path)).toEqual([
    'work/a/',
    'work/a/b/',
    'work/a/b/two',
    'work/a/one',
  ]);
  expect(
    runApplet(['sh', '-c', 'tar -xmf - -C /tmp && cat /tmp/work/a/b/two'], { stdin: packing.stdout }),
  ).toMatchObject({ stdout: '2\n', status: 0 });
  expect(runApplet(['tar', 'cf', '-', '/none'])).toMatchObject({
    stderr: 'tar: /none: No such file or directory\ntar: error exit delayed from previous errors\n',
    status: 1,
  });
  expect(runApplet(['tar', 'cf', '-', '/none'], { dialect: 'gnu' })).toMatchObject({
    stderr:
      'tar: /none: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n',
    status: 2,
  });
  const evil = tarBytes({ ...entry, path: '../../etc/passwd', body: 'x' }) + TAR_END;
  expect(runApplet(['tar', 'xf', '-'], { stdin: evil }).status).toBe(1);
});

it('tells how files differ', () => {
  const files = { '/work/a': 'one\ntwo\nthree\n', '/work/b': 'one\n2\nthree\nfour\n' };
  expect(runApplet(['diff', 'a', 'b'], { files })).toEqual({
    stdout: '--- a\n+++ b\n@@ -1,3 +1,4 @@\n one\n-two\n+2\n three\n+four\n',
    stderr: '',
    status: 1,
  });
  expect(runApplet(['diff', 'a', 'b'], { files, dialect: 'gnu' }).stdout).toBe('2c2\n< two\n---\n> 2\n3a4\n> four\n');
  expect(runApplet(['diff', 'a', 'a'], { files })).toMatchObject({ stdout: '', status: 0 });
  expect(runApplet(['cmp', 'a', 'b'], { files })).toMatchObject({ stdout: 'a b differ: char 5, line 2\n', status: 1 });
});
