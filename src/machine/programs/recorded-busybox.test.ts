/**
 * Commands on small files, against what BusyBox 1.35 as Debian builds it printed for them. `recorded-busybox.json` has arguments, input
 * and what differs from silence and success; the file holds what that build has only, so awk's mathematics and GNU's additions to sed are
 * tested beside their files.
 */
import { expect, it } from 'vitest';
import recorded from './recorded-busybox.json';
import { runApplet } from './test-run.ts';

interface Recorded {
  args: string[];
  stdin?: string;
  stdout?: string;
  stderr?: string;
  status?: number;
}

/** What is done otherwise on purpose, by its arguments, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  '["sed","}"]': 'GNU and newer ones refuse it',
  '["sed","{p"]': 'GNU and newer ones refuse it',
  '["sed","s/a/\\\\1/","a.txt"]': 'a group that is not there is said, not passed over',
  '["sed","y/ab/c/","a.txt"]': 'sets of different lengths are said, not passed over',
  '["awk","BEGIN{print 0x10, 011, 1e3, .5, 5.}","a.txt"]': 'POSIX has no octal numbers',
  '["awk","BEGIN{print(1,2)(3)}","a.txt"]': 'POSIX has no such expression',
  '["awk","BEGIN{print 1>2?\\"a\\":\\"b\\"}","a.txt"]': 'POSIX has no such expression',
  '["awk","{print $(NF-1)}","a.txt"]': 'what was printed before the error is lost',
  '["cut","-s","-d:","-f1","a.txt"]': 'a line that is empty has no delimiter',
  '["cut","-f0","pw"]': 'fields are counted from 1',
  '["tr","z-a","b"]': 'GNU refuses a range that is turned round',
  '["seq","-5","-3"]': 'GNU counts there',
  '["seq","-w","-1","1"]': 'GNU counts there',
  '["printf","%z\\\\n","1"]': 'the letter is named, not what follows',
  '["printf","%d %d\\\\n","1"]': 'POSIX: a missing argument is 0',
  '["fold","-w5","a.txt"]': 'a tab is one column',
  '["fold","-sw8","a.txt"]': 'a tab is one column',
  '["paste","n.txt","pw"]': 'each line ends',
  '["paste","-d,","n.txt","pw"]': 'each line ends',
};

const files = Object.fromEntries(Object.entries(recorded.files).map(([name, text]) => [`/work/${name}`, text]));
const withoutBanner = (text: string): string =>
  text.replace(/BusyBox v1[^\n]*\n/, '').replace(/(Usage:[^\n]*\n).*$/s, '$1');

const byCommand = Map.groupBy(recorded.cases as Recorded[], ({ args }) => args[0]!);

for (const [command, cases] of byCommand) {
  it(`prints what BusyBox prints: ${command}, ${cases.length} times`, () => {
    const differing: unknown[] = [];
    for (const { args, stdin, stdout = '', stderr = '', status = 0 } of cases) {
      const ran = runApplet(args, { files, ...(stdin === undefined ? {} : { stdin }) });
      const isSame = ran.stdout === stdout && withoutBanner(ran.stderr) === stderr && ran.status === status;
      if (isSame === JSON.stringify(args) in OTHERWISE)
        differing.push({ args, stdin, expected: { stdout, stderr, status }, ran });
    }
    expect(differing).toEqual([]);
  });
}
