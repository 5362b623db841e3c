import { describe, expect, it } from 'vitest';
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { hookOf, stopOf } from './program.ts';

const GRACE = 30_000;
const serving = { serves: true, sharesProcesses: false };
const working = { serves: false, sharesProcesses: false };

const container = (image: string, command?: string[], args?: string[]): Container => ({
  name: 'c',
  image,
  ...(command ? { command } : {}),
  ...(args ? { args } : {}),
});

const sh = (script: string): Container => container('busybox', ['sh', '-c', script]);

describe('a program that is asked to stop', () => {
  it.each([
    ['an image’s own', container('nginx'), 0],
    ['an image’s own with arguments', container('registry.example.com/team/web:1', undefined, ['--port=80']), 0],
    ['a command of its image’s', container('web', ['/app/server']), 0],
    ['Java', container('app', ['java', '-jar', 'app.jar']), 143],
    ['a shell that traps the signal', sh('trap "exit 0" TERM; sleep 3600 & wait'), 0],
    ['a shell that traps it with a code', sh("trap 'exit 5' SIGTERM; sleep 3600 & wait"), 5],
    ['a shell whose handler goes on', sh('trap : TERM INT; sleep infinity & wait'), 143],
    ['a shell that becomes another program', sh('echo up; exec nginx -g daemon'), 0],
  ])('ends quickly: %s', (_, subject, code) => {
    const end = stopOf(subject, serving, GRACE);
    expect(end.code).toBe(code);
    expect(end.after).toBeLessThan(2000);
  });

  it.each([
    ['sleep', container('busybox', ['sleep', '3600'])],
    ['sleep as the argument of an image without a program', container('busybox', undefined, ['sleep', '3600'])],
    ['tail by its path', container('debian', ['/usr/bin/tail', '-f', '/dev/null'])],
    ['a shell', sh('sleep 3600')],
    ['a shell whose trap has no turn', sh('trap "exit 0" TERM; sleep 3600')],
    ['a shell that ignores it', sh("trap '' TERM; sleep 3600 & wait")],
    ['a shell that becomes sleep', sh('exec sleep 3600')],
  ])('goes on until it is killed: %s', (_, subject) => {
    expect(stopOf(subject, serving, GRACE)).toEqual({ code: 137, after: GRACE });
    expect(stopOf(subject, serving, 3000)).toEqual({ code: 137, after: 3000 });
  });

  it('is ended by the signal when it is not the first process', () => {
    expect(stopOf(sh('sleep 3600'), { serves: true, sharesProcesses: true }, GRACE).code).toBe(143);
  });

  it('has not succeeded when it was working towards an end', () => {
    expect(stopOf(container('app'), working, GRACE).code).toBe(143);
    expect(stopOf(container('nginx'), working, GRACE).code).toBe(143);
    expect(stopOf(container('app', ['sleep', '99']), working, GRACE).code).toBe(143);
  });

  it('is killed at once without grace', () => {
    expect(stopOf(container('nginx'), serving, 0)).toEqual({ code: 137, after: 0 });
  });
});

it('takes a hook’s time from what it says', () => {
  expect(hookOf(undefined)).toEqual({ takes: 0, fails: false });
  expect(hookOf({ sleep: { seconds: 4 } })).toEqual({ takes: 4000, fails: false });
  expect(hookOf({ exec: { command: ['sleep', '2'] } })).toEqual({ takes: 2000, fails: false });
  expect(hookOf({ exec: { command: ['sh', '-c', 'sleep 3; exit 1'] } })).toEqual({ takes: 3000, fails: true });
});
