/**
 * What real shells made of some hundreds of scripts, recorded once: BusyBox 1.35 (its applets on the PATH), dash 0.5.12 and bash 5.2 (with
 * the GNU tools), each in an empty folder `/w`. Those that we do otherwise are listed, with the reason; the list may only shrink.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { appletsOf } from '../programs/applets.ts';
import type { Dialect } from '../syntax/syntax.ts';
import { containerOf, imageOf, machineOf, TEST_START } from '../test-machine.ts';
import { ash, bash, dash } from './main.ts';

interface Outcome {
  code: number;
  out: string;
  err: string;
}

type Case = { script: string } & Partial<Record<Dialect, Outcome>>;

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`cases/${name}.json`, import.meta.url), 'utf8'));
const CASES = read<Case[]>('scripts');
const KNOWN = read<{ dialect: Dialect; script: string; why: string }[]>('known-differences');
const DIALECTS = ['ash', 'dash', 'bash'] as const;
const LONGEST_MS = 60_000;
const STEP_MS = 100;

const imageFor = (dialect: Dialect) => {
  const applets = [...appletsOf(dialect === 'ash' ? 'busybox' : 'gnu')].filter(
    ([name]) => name !== '[[' || dialect === 'ash',
  );
  return imageOf({
    ...Object.fromEntries(applets.map(([name, program]) => [`/bin/${name}`, { program }])),
    '/bin/sh': { program: dialect === 'ash' ? ash : dash },
    '/bin/bash': { program: bash },
    '/w': { directory: true },
  });
};
const IMAGES = { ash: imageFor('ash'), dash: imageFor('dash'), bash: imageFor('bash') };

function outcomeOf(dialect: Dialect, script: string): Outcome {
  const machine = machineOf(IMAGES[dialect]);
  const env = [
    { name: 'LC_ALL', value: 'C' },
    { name: 'HOME', value: '/tmp' },
    { name: 'PATH', value: '/bin' },
  ];
  machine.start(containerOf(['sleep', '1000000'], { workingDir: '/w', env }));
  const bytes = Buffer.from(script, 'utf8').toString('latin1');
  const session = machine.exec('c', [dialect === 'bash' ? 'bash' : 'sh', '-c', bytes], { stdin: false, tty: false });
  if ('reason' in session) throw new Error(session.message);
  const texts = { stdout: '', stderr: '' };
  for (let at = 0; at <= LONGEST_MS && session.exitCode === undefined; at += STEP_MS) {
    machine.advance(TEST_START + at);
    for (const { stream, bytes: piece } of session.take()) texts[stream] += piece;
  }
  for (const { stream, bytes: piece } of session.take()) texts[stream] += piece;
  return { code: session.exitCode ?? -1, out: texts.stdout, err: texts.stderr };
}

const isKnown = (dialect: Dialect, script: string): boolean =>
  KNOWN.some((known) => known.dialect === dialect && known.script === script);

for (const dialect of DIALECTS) {
  const cases = CASES.filter((each) => each[dialect]);

  it(`does as ${dialect} does with ${cases.length} scripts`, () => {
    for (const each of cases) {
      if (isKnown(dialect, each.script)) continue;
      expect({ script: each.script, ...outcomeOf(dialect, each.script) }).toEqual({
        script: each.script,
        ...each[dialect],
      });
    }
  });

  it(`lists of ${dialect} only what differs`, () => {
    for (const each of cases) {
      if (isKnown(dialect, each.script)) expect(outcomeOf(dialect, each.script)).not.toEqual(each[dialect]);
    }
  });
}
