import { expect, it } from 'vitest';
import { appletsOf } from '../programs/applets.ts';
import { containerOf, imageOf, machineOf, TEST_START } from '../test-machine.ts';
import { ash } from './main.ts';

const IMAGE = imageOf({
  ...Object.fromEntries([...appletsOf('busybox')].map(([name, program]) => [`/bin/${name}`, { program }])),
  '/bin/sh': { program: ash },
});

function start(script: string) {
  const machine = machineOf(IMAGE);
  machine.start(containerOf(['sh', '-c', script]));
  return machine;
}

it('answers a signal at once while it waits', () => {
  const machine = start('trap "exit 5" TERM; sleep 3600 & wait');
  expect(machine.due('c')).toBe(TEST_START + 3_600_000);
  machine.advance(TEST_START + 10_000);
  machine.signal('c', 'TERM');
  expect(machine.end('c')).toEqual({ at: TEST_START + 10_000, exitCode: 5, terminationMessage: '' });
});

it('answers it behind what runs in the foreground', () => {
  const machine = start('trap "echo late; exit 1" TERM; sleep 20; echo never');
  machine.advance(TEST_START + 10_000);
  machine.signal('c', 'TERM');
  expect(machine.end('c')).toBeUndefined();
  machine.advance(TEST_START + 30_000);
  expect(machine.end('c')).toMatchObject({ at: TEST_START + 20_000, exitCode: 1 });
  expect(machine.log('c').map(({ text }) => text)).toEqual(['late']);
});

it('as the first process hears no signal that it has no trap for, but KILL', () => {
  const machine = start('sleep 3600');
  machine.advance(TEST_START + 1_000);
  machine.signal('c', 'TERM');
  expect(machine.end('c')).toBeUndefined();
  machine.signal('c', 'KILL');
  expect(machine.end('c')).toMatchObject({ exitCode: 137, signal: 9 });
});

it('is never due where it goes round for ever, and so it costs nothing', () => {
  for (const script of [
    'while true; do echo tick; sleep 1; done',
    'while :; do date; sleep 5; done',
    'until false; do echo x >> /tmp/f; sleep 1; done',
    'i=0; while true; do i=$((i+1)); echo $i; sleep 1; done',
    'sh -c "while true; do :; done"',
    'tail -f /dev/null',
  ]) {
    expect([script, start(script).due('c')]).toEqual([script, undefined]);
  }
});

it('is due where a loop has a way out', () => {
  for (const [script, seconds] of [
    ['i=0; while true; do i=$((i+1)); [ $i = 3 ] && break; sleep 1; done', 2],
    ['while true; do sleep 2; exit 4; done', 2],
    ['while true; do sleep 3; kill -9 $$; done & sleep 1', 1],
    ['set -e; while true; do sleep 1; false; done', 1],
    ['for i in 1 2 3; do sleep 1; done', 3],
  ] as const) {
    expect([script, start(script).due('c')! - TEST_START]).toEqual([script, seconds * 1000]);
  }
});
