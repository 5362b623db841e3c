import { expect, it } from 'vitest';
import { MAX_SHARED_TREES } from '../kernel/limits.ts';
import type { Volume } from '../pod-machine.ts';
import { appletsOf } from '../programs/applets.ts';
import { ash } from '../shell/main.ts';
import { containerOf, imageOf, machineOf, TEST_START } from '../test-machine.ts';
import { SharedTrees } from './shared-trees.ts';

const IMAGE = imageOf({
  ...Object.fromEntries([...appletsOf('busybox')].map(([name, program]) => [`/bin/${name}`, { program }])),
  '/bin/sh': { program: ash },
});

const files = (texts: Record<string, string>, isAtomic = true): Volume => ({
  kind: 'files',
  files: Object.fromEntries(Object.entries(texts).map(([path, bytes]) => [path, { bytes, mode: 0o644 }])),
  defaultMode: 0o644,
  isAtomic,
});

function machineWith(volumes: Record<string, Volume>, mounts: Parameters<typeof containerOf>[1]) {
  const machine = machineOf(IMAGE, { volumes });
  machine.start(containerOf(['sleep', '100000'], mounts));
  const run = (script: string): string => {
    const session = machine.exec('c', ['sh', '-c', `${script} 2>&1`], { stdin: false, tty: false });
    if ('reason' in session) throw new Error(session.message);
    return session
      .take()
      .map(({ bytes }) => bytes)
      .join('');
  };
  return { machine, run };
}

it('shows files through a link that changes all of them at once', () => {
  const mounts = [{ path: '/v', volume: 'v', readOnly: true }];
  const { machine, run } = machineWith({ v: files({ a: '1', 'b/c': '2' }) }, { mounts });
  expect(run('ls /v; cat /v/a /v/b/c; readlink /v/a')).toBe('a\nb\n12..data/a\n');
  expect(run('echo x > /v/a')).toBe("sh: can't create /v/a: Read-only file system\n");
  machine.advance(TEST_START + 1000);
  machine.setVolume('v', files({ a: 'new', d: '4' }));
  expect(run('ls /v; cat /v/a /v/d; ls -a /v | grep -c "^\\.\\.2026"')).toBe('a\nd\nnew41\n');
});

it('shows a part of a volume as it was when it was mounted', () => {
  const mounts = [{ path: '/etc/one', volume: 'v', subPath: 'a', readOnly: false }];
  const { machine, run } = machineWith({ v: files({ a: '1' }) }, { mounts });
  machine.setVolume('v', files({ a: '2' }));
  expect(run('cat /etc/one')).toBe('1');
});

it('shares a scratch volume between containers, up to its limit', () => {
  const scratch: Volume = { kind: 'scratch', medium: 'memory', sizeLimit: 10, mode: 0o777 };
  const mounts = [{ path: '/s', volume: 's', readOnly: false }];
  const { machine, run } = machineWith({ s: scratch }, { mounts });
  machine.start(containerOf(['sh', '-c', 'echo other > /s/f; sleep 1000'], { name: 'd', mounts }));
  machine.advance(TEST_START + 1000);
  expect(run('cat /s/f; (echo 12345 > /s/g)')).toBe('other\nsh: write error: No space left on device\n');
});

it('tells the files of an image in one order, whatever was looked at before', () => {
  const { run } = machineWith({}, {});
  const find = 'find / -maxdepth 1; find /etc';
  const before = run(find);
  run('ls /root /bin; echo x >> /etc/passwd');
  expect(run(find)).toBe(before);
});

it('numbers the files of /proc the same whatever other pods have looked at', () => {
  const numbers = (): string => machineWith({}, {}).run('stat -c %i /proc /proc/uptime /proc/1/status');
  expect(numbers()).toBe(numbers());
});

it('tells of processes, mounts and the node in /proc', () => {
  const { run } = machineWith({}, {});
  expect(
    run('cat /proc/1/cmdline | tr "\\0" " "; cat /proc/sys/kernel/hostname; cut -d" " -f1-3 /proc/mounts | head -1'),
  ).toBe('sleep 100000 web-1\noverlay / overlay\n');
  expect(run('readlink /proc/self | grep -c "^[0-9]*$"; grep MemTotal /proc/meminfo; cut -d. -f1 /proc/uptime')).toBe(
    '1\nMemTotal:        4194304 kB\n3600\n',
  );
  expect(run("A=1 sh -c \"tr '\\0' '\\n' < /proc/self/environ | grep -c ^A=\"; ls /proc/self/fd")).toBe('1\n0\n1\n2\n');
});

it("gives the files of a volume to the pod's group", () => {
  const mounts = [
    { path: '/v', volume: 'v', readOnly: true },
    { path: '/s', volume: 's', readOnly: false },
  ];
  const secret: Volume = { ...files({ key: 'x' }), files: { key: { bytes: 'x', mode: 0o400 } }, group: 3000 } as Volume;
  const scratch: Volume = { kind: 'scratch', medium: 'disk', mode: 0o777, group: 3000 };
  const { run } = machineWith({ v: secret, s: scratch }, { mounts });
  expect(run('stat -L -c "%a %g" /v/key /v /s; touch /s/f; stat -c %g /s/f')).toBe(
    '440 3000\n3777 3000\n2777 3000\n3000\n',
  );
});

it('makes a file when it is read, at that instant', () => {
  const made: Volume = {
    kind: 'files',
    files: { now: { mode: 0o600, uid: 7, made: (at) => `${at - TEST_START}\n` } },
    defaultMode: 0o644,
    isAtomic: true,
  };
  const { machine, run } = machineWith({ v: made }, { mounts: [{ path: '/v', volume: 'v', readOnly: true }] });
  expect(run('cat /v/now; stat -L -c %u /v/now')).toBe('0\n7\n');
  machine.advance(TEST_START + 5000);
  expect(run('cat /v/now')).toBe('5000\n');
});

it('shares a tree between pods, and what one of its folders is called in another', () => {
  const shared = new SharedTrees((tree) => (tree === 'node:a' ? { '/etc/issue': 'node a\n' } : {}));
  const pod = (path: string, tree = 'node:a') => {
    const volume: Volume = { kind: 'shared', tree, path };
    const machine = machineOf(IMAGE, { volumes: { v: volume }, shared });
    machine.start(containerOf(['sleep', '100000'], { mounts: [{ path: '/v', volume: 'v', readOnly: false }] }));
    return (script: string): string => {
      const session = machine.exec('c', ['sh', '-c', script], { stdin: false, tty: false });
      if ('reason' in session) throw new Error(session.message);
      return session
        .take()
        .map(({ bytes }) => bytes)
        .join('');
    };
  };
  pod('/var/data/inner')('echo mine > /v/file');
  expect(pod('/var/data')('cat /v/inner/file')).toBe('mine\n');
  expect(pod('/etc')('cat /v/issue')).toBe('node a\n');
  expect(pod('/var/data', 'node:b')('ls -A /v')).toBe('');
});

it('forgets the shared tree that was not asked for the longest beyond so many', () => {
  const shared = new SharedTrees();
  const roots = Array.from({ length: MAX_SHARED_TREES }, (_, i) => shared.root(`t${i}`, TEST_START));
  expect(shared.root('t0', TEST_START)).toBe(roots[0]);
  shared.root('another', TEST_START);
  expect(shared.root('t0', TEST_START)).toBe(roots[0]);
  expect(shared.root('t1', TEST_START)).not.toBe(roots[1]);
});

it('mounts the files of an image', () => {
  const other = imageOf({ '/data/a.txt': { text: 'of the image\n' } });
  const machine = machineOf(IMAGE, {
    volumes: { v: { kind: 'image', reference: 'other' } },
    imageFor: (reference) => (reference === 'other' ? other : IMAGE),
  });
  const mounts = [{ path: '/v', volume: 'v', subPath: 'data', readOnly: true }];
  machine.start(containerOf(['sh', '-c', 'cat /v/a.txt; echo x > /v/a.txt'], { mounts }));
  expect(machine.log('c').map(({ text }) => text)).toEqual([
    'of the image',
    "sh: can't create /v/a.txt: Read-only file system",
  ]);
});
