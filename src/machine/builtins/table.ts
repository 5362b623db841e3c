/** The builtins of each shell. */
import type { Dialect } from '../syntax/syntax.ts';
import type { BuiltinRun } from './builtin.ts';
import * as control from './control.ts';
import * as io from './io.ts';
import * as jobs from './jobs.ts';
import { isBuiltin } from './names.ts';
import { set } from './options.ts';
import * as other from './other.ts';
import * as limits from './process-limits.ts';
import * as signals from './signals.ts';
import * as variables from './variables.ts';

const RUNS: Readonly<Record<string, BuiltinRun>> = {
  ':': control.succeed,
  '.': control.source,
  source: control.source,
  break: control.breakLoop,
  continue: control.continueLoop,
  eval: control.evaluate,
  exec: control.exec,
  exit: control.exit,
  logout: control.exit,
  return: control.returnFrom,
  command: control.command,
  type: control.type,
  true: control.succeed,
  false: control.fail,
  shopt: control.succeed,
  disown: control.succeed,
  history: control.succeed,
  export: variables.exportVariables,
  readonly: variables.readonlyVariables,
  local: variables.local,
  declare: variables.declare,
  typeset: variables.declare,
  unset: variables.unset,
  shift: variables.shift,
  let: variables.letBuiltin,
  getopts: variables.getopts,
  set,
  echo: io.echo,
  printf: io.printf,
  pwd: io.pwd,
  cd: io.cd,
  read: io.read,
  wait: jobs.wait,
  kill: signals.kill,
  jobs: jobs.jobs,
  fg: jobs.foreground,
  bg: jobs.background,
  trap: signals.trap,
  times: limits.times,
  ulimit: limits.ulimit,
  umask: limits.umask,
  test: other.test,
  '[': other.test,
  '[[': other.test,
  alias: other.alias,
  unalias: other.unalias,
  hash: other.hash,
  help: other.help,
  mapfile: other.mapfile,
  readarray: other.mapfile,
  pushd: other.pushd,
  popd: other.popd,
  dirs: other.dirs,
  builtin: other.builtin,
};

/** The builtin of a name; undefined: the shell has none. */
export const builtinOf = (dialect: Dialect, name: string): BuiltinRun | undefined =>
  isBuiltin(dialect, name) ? RUNS[name] : undefined;
