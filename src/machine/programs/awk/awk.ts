/** awk: as BusyBox's, with the functions of gawk that scripts use. */
import { type Applet, attempt, Failure, UsageError } from '../applet.ts';
import { parseOptions } from '../options.ts';
import { AwkInput } from './input.ts';
import { Interpreter } from './interpreter.ts';
import { unescapeString } from './lexer.ts';
import { AwkOutputs } from './outputs.ts';
import { parseAwk } from './parser.ts';
import { Read, type Value } from './values.ts';
import { waitingNodes } from './waits.ts';

const DEFAULTS: Readonly<Record<string, Value>> = {
  FS: ' ',
  OFS: ' ',
  ORS: '\n',
  RS: '\n',
  SUBSEP: '\x1c',
  CONVFMT: '%.6g',
  OFMT: '%.6g',
  NR: 0,
  FNR: 0,
  FILENAME: '',
  RSTART: 0,
  RLENGTH: -1,
};

export const awk: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: '+F:v:f:e:',
    long: { 'field-separator=': 'F', 'assign=': 'v', 'file=': 'f' },
  });
  const { operands } = options;
  const sources: string[] = [];
  for (const path of options.values('f')) {
    const source = attempt(
      () => process.files.read(path),
      (words) => {
        throw new Failure(`can't open '${path}': ${words}`);
      },
    );
    sources.push(source);
  }
  sources.push(...options.values('e'));
  if (sources.length === 0) {
    const source = operands.shift();
    if (source === undefined) throw new UsageError('');
    sources.push(source);
  }
  const script = parseAwk(sources.join('\n'));
  const parts = {
    waiting: waitingNodes(script),
    input: new AwkInput(process, dialect),
    outputs: new AwkOutputs(process),
  };
  const interpreter = new Interpreter(process, script, parts);
  for (const [name, value] of Object.entries(DEFAULTS)) interpreter.globals.set(name, { value });
  const separator = options.value('F');
  if (separator !== undefined) interpreter.set('FS', unescapeString(separator));
  for (const assignment of options.values('v')) {
    const equals = assignment.indexOf('=');
    if (equals < 1) throw new UsageError('');
    interpreter.set(assignment.slice(0, equals), new Read(unescapeString(assignment.slice(equals + 1))));
  }
  const environment = interpreter.array('ENVIRON');
  for (const [name, value] of process.env) environment.set(name, new Read(value));
  const args = interpreter.array('ARGV');
  for (const [i, operand] of [process.args[0]!, ...operands].entries()) args.set(String(i), new Read(operand));
  interpreter.set('ARGC', operands.length + 1);
  return yield* interpreter.main();
};
