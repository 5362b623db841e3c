/** The commands that every image with a shell has, by their names. */
import { type AppletTable, programsOf } from './applet.ts';
import { awk } from './awk/awk.ts';
import { cat, seq, tac, tee, yes } from './cat.ts';
import { cut, tr } from './columns.ts';
import { cp } from './cp.ts';
import { cmp, diff } from './diff.ts';
import { cksum, md5sum, sha1sum, sha256sum, sha512sum } from './digest.ts';
import { dd, df, du } from './disk.ts';
import { base64, hexdump, od, xxd } from './encoding.ts';
import { expr } from './expr.ts';
import { test } from './expr-test.ts';
import { ln, mkdir, mkfifo, mktemp, rmdir, touch, truncate } from './file-changes.ts';
import { find } from './find.ts';
import { grep } from './grep.ts';
import { gzipTool } from './gzip.ts';
import { head, tail } from './head-tail.ts';
import { comm, expand, fold, nl, paste, rev, strings, uniq, wc } from './lines.ts';
import { ls } from './ls.ts';
import { mv, rm } from './mv.ts';
import { chgrp, chmod, chown } from './permissions.ts';
import { echo, printf } from './printf.ts';
import { ps, pstree, top } from './processes.ts';
import { sed } from './sed.ts';
import { kill, killall, pgrep, pidof } from './signals.ts';
import { sleep, usleep, which } from './small.ts';
import { sort } from './sort.ts';
import { basename, dirname, pwd, readlink, realpath, stat } from './stat.ts';
import { sysctl } from './sysctl.ts';
import {
  arch,
  date,
  fail,
  free,
  groups,
  hostname,
  id,
  logname,
  mount,
  nproc,
  succeed,
  umount,
  uname,
  uptime,
  who,
  whoami,
} from './system.ts';
import { tar } from './tar.ts';
import { clear, noEditor, stty, tty } from './terminal.ts';
import { asItIs, env, nohup, printenv, su, time, timeout, watch } from './wrappers.ts';
import { xargs } from './xargs.ts';

const APPLETS: AppletTable = {
  '[': [test, ''],
  '[[': [test, ''],
  arch: [arch, ''],
  awk: [awk, '[OPTIONS] [AWK_PROGRAM] [FILE]...'],
  base64: [base64, '[-d] [-w COL] [FILE]'],
  basename: [basename, 'FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...'],
  cat: [cat, '[-nbvteA] [FILE]...'],
  chgrp: [chgrp, '[-RhLHPcvf]... GROUP FILE...'],
  chmod: [chmod, '[-Rcvf] MODE[,MODE]... FILE...'],
  chown: [chown, '[-RhLHPcvf]... USER[:[GRP]] FILE...'],
  cmp: [cmp, '[-ls] [-n NUM] FILE1 [FILE2]'],
  diff: [diff, '[-abBdiNqrTstw] [-L LABEL] [-S FILE] [-U LINES] FILE1 FILE2'],
  gunzip: [gzipTool, '[-cfkt] [FILE]...'],
  gzip: [gzipTool, '[-cfkdt123456789] [FILE]...'],
  tar: [tar, 'c|x|t [-zvhmO] [-C DIR] [-f TARFILE] [FILE]...'],
  zcat: [gzipTool, '[FILE]...'],
  cksum: [cksum, ''],
  clear: [clear, ''],
  comm: [comm, ''],
  cp: [cp, '[-arPLHpfinlsTu] SOURCE DEST'],
  cut: [cut, '[OPTIONS] [FILE]...'],
  date: [date, '[OPTIONS] [+FMT] [[-s] TIME]'],
  dd: [dd, '[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]'],
  df: [df, '[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...'],
  dirname: [dirname, 'FILENAME'],
  du: [du, '[-aHLdclsxhmk] [FILE]...'],
  echo: [echo, ''],
  egrep: [grep, ''],
  env: [env, '[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]'],
  expand: [expand, '[-i] [-t N] [FILE]...'],
  expr: [expr, 'EXPRESSION'],
  false: [fail, ''],
  fgrep: [grep, ''],
  find: [find, '[-HL] [PATH]... [OPTIONS] [ACTIONS]'],
  fold: [fold, '[-bs] [-w WIDTH] [FILE]...'],
  free: [free, '[-bkmgh]'],
  grep: [grep, '[-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...'],
  groups: [groups, '[USER]'],
  head: [head, '[OPTIONS] [FILE]...'],
  hexdump: [hexdump, '[-bcdoxCv] [-e FMT] [-f FMT_FILE] [-n LEN] [-s OFS] [FILE]...'],
  hostname: [hostname, '[-sidf] [HOSTNAME | -F FILE]'],
  id: [id, '[-ugGnr] [USER]'],
  kill: [kill, '[-l] [-SIG] PID...'],
  killall: [killall, '[-lq] [-SIG] PROCESS_NAME...'],
  less: [cat, '[-EFIMmNSRh~] [FILE]...'],
  ln: [ln, '[-sfnbtv] [-S SUF] TARGET... LINK|DIR'],
  logname: [logname, ''],
  ls: [ls, '[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...'],
  md5sum: [md5sum, '[-c[sw]] [FILE]...'],
  mkdir: [mkdir, '[-m MODE] [-p] DIRECTORY...'],
  mkfifo: [mkfifo, '[-m MODE] NAME'],
  mktemp: [mktemp, '[-dt] [-p DIR] [TEMPLATE]'],
  more: [cat, '[FILE]...'],
  mount: [mount, '[OPTIONS] [-o OPT] DEVICE NODE'],
  mv: [mv, '[-finT] SOURCE DEST'],
  nice: [asItIs('n:'), ''],
  nl: [nl, '[OPTIONS] [FILE]...'],
  nohup: [nohup, ''],
  nproc: [nproc, '[--all] [--ignore=N]'],
  od: [od, '[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]...'],
  paste: [paste, '[-d LIST] [-s] [FILE]...'],
  pgrep: [pgrep, ''],
  pidof: [pidof, '[NAME]...'],
  pkill: [pgrep, ''],
  printenv: [printenv, ''],
  printf: [printf, 'FORMAT [ARG]...'],
  ps: [ps, '[-o COL1,COL2=HEADER] [-T]'],
  pstree: [pstree, ''],
  pwd: [pwd, ''],
  readlink: [readlink, '[-fnv] FILE'],
  realpath: [realpath, 'FILE...'],
  rev: [rev, '[FILE]...'],
  rm: [rm, '[-irf] FILE...'],
  rmdir: [rmdir, '[-p] DIRECTORY...'],
  sed: [sed, '[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...'],
  seq: [seq, '[-w] [-s SEP] [FIRST [INC]] LAST'],
  setsid: [asItIs('cw'), '[-c] PROG ARGS'],
  sha1sum: [sha1sum, '[-c[sw]] [FILE]...'],
  sha256sum: [sha256sum, '[-c[sw]] [FILE]...'],
  sha512sum: [sha512sum, '[-c[sw]] [FILE]...'],
  sleep: [sleep, '[N]...'],
  sort: [sort, '[-nrugMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...'],
  stat: [stat, '[-ltf] [-c FMT] FILE...'],
  strings: [strings, '[-fo] [-t o|d|x] [-n LEN] [FILE]...'],
  stty: [stty, '[-a|g] [-F DEVICE] [SETTING]...'],
  su: [su, "[-lmp] [-s SH] [-] [USER [FILE ARGS | -c 'CMD' [ARG0 ARGS]]]"],
  sync: [succeed, '[-df] [FILE]...'],
  sysctl: [sysctl, '[-enq] { -a | -p [FILE]... | [KEY[=VALUE]]... }'],
  tac: [tac, '[FILE]...'],
  tail: [tail, '[OPTIONS] [FILE]...'],
  tee: [tee, '[-ai] [FILE]...'],
  test: [test, ''],
  time: [time, '[-vpa] [-o FILE] PROG ARGS'],
  timeout: [timeout, '[-s SIG] [-k KILL_SECS] SECS PROG ARGS'],
  top: [top, '[-bH] [-n COUNT] [-d SECONDS]'],
  touch: [touch, '[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...'],
  tr: [tr, '[-cds] STRING1 [STRING2]'],
  true: [succeed, ''],
  truncate: [truncate, '[-c] -s SIZE FILE...'],
  tty: [tty, '[-s]'],
  umount: [umount, '[-rlfda] [-t FSTYPE] FILESYSTEM|DIRECTORY'],
  uname: [uname, '[-amnrspvio]'],
  uniq: [uniq, '[-cduiz] [-f,s,w N] [FILE [OUTFILE]]'],
  uptime: [uptime, ''],
  usleep: [usleep, 'N'],
  vi: [noEditor, '[-c CMD] [-R] [-H] [FILE]...'],
  watch: [watch, '[-n SEC] [-t] PROG ARGS'],
  wc: [wc, '[-cmlwL] [FILE]...'],
  which: [which, '[-a] COMMAND...'],
  who: [who, '[-aH]'],
  whoami: [whoami, ''],
  xargs: [xargs, '[OPTIONS] [PROG ARGS]'],
  xxd: [xxd, '[-pri] [-g N] [-c N] [-n LEN] [-s OFS] [-o OFS] [FILE]'],
  yes: [yes, '[STRING]'],
};

/** All of them in a dialect. */
export const appletsOf = programsOf(APPLETS);
