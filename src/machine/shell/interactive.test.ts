import { expect, it } from 'vitest';
import { appletsOf } from '../programs/applets.ts';
import { containerOf, imageOf, machineOf, TEST_START } from '../test-machine.ts';
import { ash, bash } from './main.ts';

const IMAGE = imageOf({
  ...Object.fromEntries([...appletsOf('busybox')].map(([name, program]) => [`/bin/${name}`, { program }])),
  '/bin/sh': { program: ash },
  '/bin/bash': { program: bash },
});

/** A shell at a terminal. `type` gives what has been shown since, after so many milliseconds. */
function terminal(shell: string) {
  const machine = machineOf(IMAGE);
  machine.start(containerOf(['sleep', '100000']));
  const session = machine.exec('c', [shell], { stdin: true, tty: true });
  if ('reason' in session) throw new Error(session.message);
  let at = TEST_START;
  const shown = (): string =>
    session
      .take()
      .map(({ bytes }) => bytes)
      .join('');
  const type = (text: string, ms = 0): string => {
    session.write(text);
    at += ms;
    machine.advance(at);
    return shown();
  };
  return { session, type, prompt: shown() };
}

it('prompts with the working folder, echoes, and runs what is typed', () => {
  const { type, prompt, session } = terminal('sh');
  expect(prompt).toBe('/ # ');
  expect(type('echo hi\r')).toBe('echo hi\r\nhi\r\n/ # ');
  expect(type('cd /tmp\r')).toBe('cd /tmp\r\n/tmp # ');
  expect(type('nope\r')).toBe('nope\r\nsh: nope: not found\r\n/tmp # ');
  expect(type('ech\x7f\x7fcho x\r')).toBe('ech\b \b\b \bcho x\r\nx\r\n/tmp # ');
  expect(type('exit 3\r')).toBe('exit 3\r\n');
  expect(session.exitCode).toBe(3);
});

it('asks for the rest of a command, and goes on behind one that is wrong', () => {
  const { type } = terminal('sh');
  expect(type('if true\r')).toBe('if true\r\n> ');
  expect(type('then echo yes; fi\r')).toBe('then echo yes; fi\r\nyes\r\n/ # ');
  expect(type('fi\r')).toBe('fi\r\nsh: syntax error: unexpected "fi"\r\n/ # ');
  expect(type('cd /gone\r')).toBe("cd /gone\r\nsh: cd: can't cd to /gone: No such file or directory\r\n/ # ");
  expect(type('shift a\r')).toContain('Illegal number: a');
  expect(type('echo on\r')).toContain('on');
});

it('ends by ^C what runs in the foreground, and not itself', () => {
  const { type } = terminal('sh');
  expect(type('sleep 100\r', 5000)).toBe('sleep 100\r\n');
  expect(type('\x03')).toBe('^C\r\n/ # ');
  expect(type('echo $?\r')).toBe('echo $?\r\n130\r\n/ # ');
  expect(type('half\x03')).toBe('half^C\r\n/ # ');
});

it('ends at ^D, which ends the input of a program too', () => {
  const { type, session } = terminal('sh');
  expect(type('cat\rabc\r')).toBe('cat\r\nabc\r\nabc\r\n');
  expect(type('\x04')).toBe('/ # ');
  type('\x04');
  expect(session.exitCode).toBe(0);
});

it('tells of jobs that have ended before it prompts again', () => {
  const { type } = terminal('sh');
  expect(type('sleep 1 &\r')).toBe('sleep 1 &\r\n/ # ');
  type('', 2000);
  expect(type('\r')).toBe('\r\n[1]+  Done                       sleep 1\r\n/ # ');
  const other = terminal('bash');
  expect(other.prompt).toBe('root@web-1:/# ');
  expect(other.type('sleep 1 & \r')).toMatch(/^sleep 1 & \r\n\[1\] \d+\r\nroot@web-1:\/# $/);
});
