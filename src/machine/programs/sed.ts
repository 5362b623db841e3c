/** sed. */
import { type Applet, complain, UsageError } from './applet.ts';
import { writeAll } from './input.ts';
import { parseOptions } from './options.ts';
import { Editor } from './sed-editor.ts';
import { LineSource } from './sed-lines.ts';
import { parseScript } from './sed-script.ts';

export const sed: Applet = function* (process, dialect) {
  const options = parseOptions(process.args, {
    short: 'nrEi::e:f:sz',
    long: {
      quiet: 'n',
      silent: 'n',
      'regexp-extended': 'r',
      'in-place?': 'i',
      'expression=': 'e',
      'file=': 'f',
      separate: 's',
    },
  });
  const { operands } = options;
  const scripts = [...options.values('e')];
  for (const path of options.values('f'))
    scripts.push(path === '-' ? yield* process.readAll(0) : process.files.read(path));
  if (scripts.length === 0) {
    const script = operands.shift();
    if (script === undefined) throw new UsageError('');
    scripts.push(script);
  }
  const source = scripts.join('\n');
  const commands = parseScript(source, options.has('r') || options.has('E'));
  const isQuiet = options.has('n') || source.startsWith('#n\n');
  if (!options.has('i')) {
    const lines = new LineSource(process, dialect, operands.length > 0 ? operands : ['-']);
    const editor = new Editor(process, commands, lines, isQuiet);
    const status = yield* editor.run((out) => writeAll(process, out));
    editor.finish();
    return lines.failures > 0 ? (dialect === 'gnu' ? 2 : 1) : status;
  }
  let failures = 0;
  for (const path of operands) {
    const lines = new LineSource(process, dialect, [path]);
    const editor = new Editor(process, commands, lines, isQuiet);
    let text = '';
    // biome-ignore lint/correctness/useYield: what is written in place waits for nothing.
    yield* editor.run(function* (out) {
      text += out;
    });
    editor.finish();
    failures += lines.failures;
    if (lines.failures > 0) continue;
    const { mode } = process.files.stat(path);
    const suffix = options.value('i');
    if (suffix !== '' && suffix !== undefined) process.files.rename(path, path + suffix);
    process.files.write(path, text, { mode });
  }
  if (operands.length === 0) yield* complain(process, 'no input files');
  return failures > 0 || operands.length === 0 ? 1 : 0;
};
