/** What programs may take of a machine, on either side of each bound. */
import { expect, it } from 'vitest';
import {
  MAX_ARGUMENT_BYTES,
  MAX_DESCRIPTORS,
  MAX_FILE_SYSTEM_BYTES,
  MAX_HELD_BYTES,
  MAX_INODES,
  MAX_INPUTS,
  MAX_LINKS,
  MAX_LOG_BYTES,
  MAX_LOG_LINE_BYTES,
  MAX_NAME_BYTES,
  MAX_PATH_BYTES,
  MAX_PROCESSES,
  MAX_SESSION_BYTES,
  MAX_SESSIONS,
  PIPE_BYTES,
  STEP_BURST,
  STEPS_A_CALL,
  STEPS_A_SECOND,
  STEPS_A_TURN,
  STEPS_AHEAD,
  STEPS_TO_REPLAY,
  STEPS_WITHOUT_A_CALL,
} from './kernel/limits.ts';
import { MAX_INTERPRETERS } from './kernel/programs.ts';
import { MAX_BACKLOG } from './kernel/sockets.ts';
import type { Process, Program, Run } from './program.ts';
import { containerOf, imageOf, machineOf, TEST_START } from './test-machine.ts';

/** Runs a program to its end. @returns how it ended, and what it has printed. */
function outcomeOf(program: Program, more: Parameters<typeof containerOf>[1] = {}) {
  const machine = machineOf(
    imageOf({
      '/bin/program': { program },
      '/bin/other': {
        // biome-ignore lint/correctness/useYield: it ends at once.
        program: function* () {
          return 0;
        },
      },
    }),
  );
  machine.start(containerOf(['program'], more));
  while (!machine.advance(TEST_START + 3_600_000));
  return { end: machine.end('c'), log: machine.log('c'), lines: machine.log('c').map(({ text }) => text) };
}

/** What a call throws, as the program prints it. */
const told = (call: (process: Process) => void): string[] =>
  outcomeOf(function* (process) {
    try {
      call(process);
      yield* process.write(1, 'none\n');
    } catch (error) {
      yield* process.write(1, `${(error as Error).message}\n`);
    }
    return 0;
  }).lines;

const wait = function* (process: Process): Run<number> {
  yield* process.sleep(1_000_000_000);
  return 0;
};

it('has so many processes', () => {
  const forks = (count: number) =>
    told((process) => {
      for (let i = 0; i < count; i++) process.fork(wait);
    });
  expect(forks(MAX_PROCESSES - 1)).toEqual(['none']);
  expect(forks(MAX_PROCESSES)).toEqual(['Resource temporarily unavailable']);
});

it('has so many descriptors in a process', () => {
  const opens = (count: number) =>
    told((process) => {
      for (let i = 0; i < count; i++) process.open('/dev/null', 'r');
    });
  expect(opens(MAX_DESCRIPTORS - 3)).toEqual(['none']);
  expect(opens(MAX_DESCRIPTORS - 2)).toEqual(['No file descriptors available']);
});

it('has so many bytes and files in a file system', () => {
  const bytes = (count: number) => told((process) => process.files.write('/f', 'x'.repeat(count)));
  expect(bytes(MAX_FILE_SYSTEM_BYTES)).toEqual(['none']);
  expect(bytes(MAX_FILE_SYSTEM_BYTES + 1)).toEqual(['No space left on device']);
  // Far behind the end of a file, where even a text of zeros would be too long.
  const far = outcomeOf(function* (process) {
    const file = process.open('/f', 'w');
    process.seek(file, 2 ** 40);
    yield* process.write(file, 'x');
    return 0;
  });
  expect(far.lines).toEqual(['program: No space left on device']);
  const files = (count: number) =>
    told((process) => {
      process.files.makeDirectory('/dev/shm/d');
      for (let i = 0; i < count - 1; i++) process.files.write(`/dev/shm/d/${i}`, '');
    });
  expect(files(MAX_INODES)).toEqual(['none']);
  expect(files(MAX_INODES + 1)).toEqual(['No space left on device']);
});

it('has names, paths and chains of links of a certain length', () => {
  const name = (length: number) => told((process) => process.files.write(`/tmp/${'n'.repeat(length)}`, ''));
  expect(name(MAX_NAME_BYTES)).toEqual(['none']);
  expect(name(MAX_NAME_BYTES + 1)).toEqual(['Filename too long']);
  const path = (length: number) => told((process) => void process.files.stat('/'.repeat(length)));
  expect(path(MAX_PATH_BYTES)).toEqual(['none']);
  expect(path(MAX_PATH_BYTES + 1)).toEqual(['Filename too long']);
  const links = (count: number) =>
    told((process) => {
      process.files.write('/tmp/0', '');
      for (let i = 1; i <= count; i++) process.files.link(`/tmp/${i - 1}`, `/tmp/${i}`);
      process.files.read(`/tmp/${count}`);
    });
  expect(links(MAX_LINKS)).toEqual(['none']);
  expect(links(MAX_LINKS + 1)).toEqual(['Symbolic link loop']);
});

it('has arguments of so many bytes, and so many interpreters of interpreters', () => {
  const args = (bytes: number) =>
    told((process) => {
      process.env.clear();
      process.env.set('P', '');
      process.spawn(['/bin/other', 'x'.repeat(bytes - '/bin/other'.length - 2 - 'P='.length - 1)]);
    });
  expect(args(MAX_ARGUMENT_BYTES)).toEqual(['none']);
  expect(args(MAX_ARGUMENT_BYTES + 1)).toEqual(['Argument list too long']);
  const interpreters = (count: number) =>
    told((process) => {
      for (let i = 0; i < count; i++)
        process.files.write(`/tmp/${i}`, `#!${i === 0 ? '/bin/other' : `/tmp/${i - 1}`}\n`, { mode: 0o777 });
      process.spawn([`/tmp/${count - 1}`]);
    });
  expect(interpreters(MAX_INTERPRETERS)).toEqual(['none']);
  expect(interpreters(MAX_INTERPRETERS + 1)).toEqual(['Symbolic link loop']);
});

it('keeps the newest bytes of a log, and cuts long lines', () => {
  const log = (bytes: number) =>
    outcomeOf(function* (process) {
      for (let i = 0; i < bytes / 1024; i++) yield* process.write(1, `${String(i).padEnd(1023)}\n`);
      return 0;
    }).lines;
  expect(log(MAX_LOG_BYTES)[0]?.trim()).toBe('0');
  expect(log(MAX_LOG_BYTES + 1024)[0]?.trim()).toBe('1');
  const line = (bytes: number) =>
    outcomeOf(function* (process) {
      yield* process.write(1, `${'x'.repeat(bytes)}\n`);
      return 0;
    }).log.map(({ text, isPartial }) => [text.length, isPartial]);
  expect(line(MAX_LOG_LINE_BYTES)).toEqual([[MAX_LOG_LINE_BYTES, false]]);
  expect(line(MAX_LOG_LINE_BYTES + 1)).toEqual([
    [MAX_LOG_LINE_BYTES, true],
    [1, false],
  ]);
});

it('lets a writer wait for room in a pipe', () => {
  const { lines } = outcomeOf(function* (process) {
    const [from, to] = process.pipe();
    yield* process.write(to, 'x'.repeat(PIPE_BYTES));
    yield* process.write(1, 'full\n');
    process.fork(function* (reader) {
      yield* reader.sleep(1000);
      yield* reader.read(from, 1);
      return 0;
    });
    yield* process.write(to, 'y');
    yield* process.write(1, `${process.now() - TEST_START}\n`);
    return 0;
  });
  expect(lines).toEqual(['full', '1000']);
});

it('holds so many bytes of what it reads, and no more than the memory of its container', () => {
  const read = (bytes: number, memoryLimit?: number) =>
    outcomeOf(
      function* (process) {
        const [from, to] = process.pipe();
        process.fork(function* (writer) {
          for (let left = bytes; left > 0; left -= PIPE_BYTES)
            yield* writer.write(to, 'x'.repeat(Math.min(left, PIPE_BYTES)));
          return 0;
        });
        process.close(to);
        yield* process.readAll(from);
        return 0;
      },
      memoryLimit === undefined ? {} : { memoryLimit },
    ).end;
  expect(read(MAX_HELD_BYTES)?.exitCode).toBe(0);
  expect(read(MAX_HELD_BYTES + PIPE_BYTES)?.exitCode).toBe(1);
  expect(read(1_000_000, 1_000_000)?.exitCode).toBe(0);
  expect(read(1_100_000, 1_000_000)).toMatchObject({ exitCode: 137, isOutOfMemory: true });
});

it('has so many sessions, and keeps so much of what nobody has taken', () => {
  const image = imageOf({
    '/bin/wait': { program: wait },
    '/bin/print': {
      program: function* (process) {
        yield* process.write(1, 'x'.repeat(Number(process.args[1])));
        return 0;
      },
    },
  });
  const machine = machineOf(image);
  machine.start(containerOf(['wait']));
  const exec = () => machine.exec('c', ['wait'], { stdin: false, tty: false });
  for (let i = 0; i < MAX_SESSIONS; i++) expect(exec()).not.toHaveProperty('reason');
  expect(exec()).toMatchObject({ reason: 'ExecError', message: expect.stringContaining('temporarily unavailable') });

  const print = (bytes: number) => {
    const other = machineOf(image);
    other.start(containerOf(['wait']));
    const session = other.exec('c', ['print', String(bytes)], { stdin: false, tty: false });
    if ('reason' in session) throw new Error(session.message);
    return session;
  };
  expect(print(MAX_SESSION_BYTES).exitCode).toBe(0);
  const full = print(MAX_SESSION_BYTES + 1);
  expect(full.exitCode).toBeUndefined();
  full.take();
  expect(full.exitCode).toBe(0);
});

/** What a session holds of a program that prints without end. */
const heldOf = (how: { tty: boolean; isAttached: boolean }): number => {
  const image = imageOf({
    '/bin/wait': { program: wait },
    '/bin/print': {
      program: function* (process) {
        yield* process.sleep(1);
        for (;;) yield* process.write(1, 'x'.repeat(PIPE_BYTES));
      },
    },
  });
  const machine = machineOf(image);
  machine.start(containerOf([how.isAttached ? 'print' : 'wait']));
  const session = how.isAttached ? machine.attach('c') : machine.exec('c', ['print'], { stdin: false, tty: how.tty });
  if ('reason' in session) throw new Error(session.message);
  machine.advance(TEST_START + 1_000);
  return session.take().reduce((sum, { bytes }) => sum + bytes.length, 0);
};

it('holds so many bytes for whoever does not take them, at a terminal and attached too', () => {
  expect(heldOf({ tty: false, isAttached: false })).toBe(MAX_SESSION_BYTES);
  expect(heldOf({ tty: true, isAttached: false })).toBe(MAX_SESSION_BYTES);
  expect(heldOf({ tty: false, isAttached: true })).toBe(MAX_SESSION_BYTES);
});

it('does not count who is attached among the commands beside', () => {
  const machine = machineOf(imageOf({ '/bin/wait': { program: wait } }));
  machine.start(containerOf(['wait']));
  for (let i = 0; i < MAX_SESSIONS; i++) machine.attach('c');
  expect(machine.exec('c', ['wait'], { stdin: false, tty: false })).not.toHaveProperty('reason');
});

it('has so many connections that wait to be accepted', () => {
  const image = imageOf({
    '/bin/listen': {
      program: function* (process) {
        process.listen(80);
        return yield* wait(process);
      },
    },
  });
  const machine = machineOf(image);
  machine.start(containerOf(['listen']));
  machine.advance(TEST_START);
  const from = { address: '10.244.0.9', port: 40_000 };
  for (let i = 0; i < MAX_BACKLOG; i++) expect(machine.visit(80, from)).toBeDefined();
  expect(machine.visit(80, from)).toBeUndefined();
});

const spin = function* (process: Process): Run<number> {
  for (;;) {
    process.work(1);
    yield* process.pause();
  }
};

it('makes so many steps a call, a burst at once, then so many a second', () => {
  const machine = machineOf(imageOf({ '/bin/spin': { program: spin } }));
  machine.start(containerOf(['spin']));
  const calls = (until: number): number => {
    let count = 1;
    while (!machine.advance(until)) count++;
    return count;
  };
  const least = STEP_BURST / (STEPS_A_CALL + STEPS_A_TURN);
  const count = calls(TEST_START + 1);
  expect(count).toBeGreaterThanOrEqual(Math.floor(least));
  expect(count).toBeLessThanOrEqual(Math.ceil(STEP_BURST / STEPS_A_CALL) + 1);
  const seconds = (4 * STEPS_A_CALL) / STEPS_A_SECOND;
  const slowed = calls(TEST_START + 1 + seconds * 1000);
  expect(slowed).toBeGreaterThanOrEqual(3);
  expect(slowed).toBeLessThanOrEqual(5);
});

it('ends who works too long without a call', () => {
  const work = (steps: number) =>
    // biome-ignore lint/correctness/useYield: that is what is tried.
    outcomeOf(function* (process) {
      process.work(steps);
      return 0;
    }).end?.exitCode;
  expect(work(STEPS_WITHOUT_A_CALL - 1)).toBe(0);
  expect(work(STEPS_WITHOUT_A_CALL + 1)).toBe(137);
});

it('looks so many steps ahead, and goes through what was so often again', () => {
  const end = (steps: number, before = 0) => {
    const program: Program = function* (process) {
      process.work(before);
      yield* process.sleep(5_000);
      for (let i = 0; i < steps / 100; i++) {
        process.work(100);
        yield* process.sleep(5_000);
      }
      return 0;
    };
    const machine = machineOf(imageOf({ '/bin/program': { program } }));
    machine.start(containerOf(['program']));
    return { due: machine.due('c')! - TEST_START, end: 5_000 + Math.ceil(steps / 100) * 5_000 };
  };
  const near = end(STEPS_AHEAD / 2);
  expect(near.due).toBe(near.end);
  const far = end(STEPS_AHEAD * 2);
  expect(far.due).toBeLessThan(far.end);
  expect(far.due).toBeGreaterThan(far.end / 4);
  const early = end(100, STEPS_TO_REPLAY / 2);
  expect(early.due).toBe(early.end);
  expect(end(100, STEPS_TO_REPLAY * 2).due).toBe(5_000);
});

it('remembers so many inputs; beyond them it looks again each second', () => {
  const program: Program = function* (process) {
    process.handle('USR1', 'ignore');
    yield* process.sleep(3_000);
    yield* process.sleep(3_000);
    return 0;
  };
  const due = (inputs: number) => {
    const machine = machineOf(imageOf({ '/bin/program': { program } }));
    machine.start(containerOf(['program']));
    for (let i = 1; i < inputs; i++) machine.signal('c', 'USR1');
    return machine.due('c')! - TEST_START;
  };
  expect(due(MAX_INPUTS)).toBe(6_000);
  expect(due(MAX_INPUTS + 1)).toBe(3_000);
});
