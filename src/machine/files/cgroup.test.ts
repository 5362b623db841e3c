import { expect, it } from 'vitest';
import { appletsOf } from '../programs/applets.ts';
import { ash } from '../shell/main.ts';
import { containerOf, imageOf, machineOf } from '../test-machine.ts';

const IMAGE = imageOf({
  ...Object.fromEntries([...appletsOf('busybox')].map(([name, program]) => [`/bin/${name}`, { program }])),
  '/bin/sh': { program: ash },
});

it('tells a container of its limits, and of others that it is given', () => {
  const machine = machineOf(IMAGE);
  machine.start(
    containerOf(['sleep', '100000'], {
      memoryLimit: 64 * 1024 ** 2,
      cpu: { request: 1000, limit: 1500 },
      oomScoreAdjustment: 985,
    }),
  );
  const told = (): string => {
    const files = '/sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu.weight';
    const session = machine.exec('c', ['sh', '-c', `cat ${files}`], { stdin: false, tty: false });
    if ('reason' in session) throw new Error(session.message);
    return session
      .take()
      .map(({ bytes }) => bytes)
      .join('');
  };
  expect(told()).toBe('67108864\n150000 100000\n100\n');
  machine.limit('c', { memoryLimit: undefined, cpu: { request: 10 } });
  expect(told()).toBe('max\nmax 100000\n4\n');
  const session = machine.exec('c', ['sh', '-c', 'cat /proc/1/oom_score_adj; mount -t cgroup2'], {
    stdin: false,
    tty: false,
  });
  if ('reason' in session) throw new Error(session.message);
  expect(session.take()[0]!.bytes).toBe('985\ncgroup on /sys/fs/cgroup type cgroup2 (ro,relatime)\n');
});
