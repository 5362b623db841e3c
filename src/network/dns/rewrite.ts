/** CoreDNS' plugin `rewrite`: a question is asked under another name, and answered under its own. */
import type { Directive } from './corefile.ts';
import { absolute, type DnsAnswer, type DnsQuestion } from './message.ts';

export interface Rewritten {
  question: DnsQuestion;
  undo(answer: DnsAnswer): DnsAnswer;
}

const KINDS = new Set(['exact', 'prefix', 'suffix', 'substring']);

/** Applies the first rule that changes the name. Rules by regular expressions, and of other things than names, are not known. */
export function rewritten(directives: readonly Directive[], question: DnsQuestion): Rewritten {
  for (const { name, args } of directives) {
    if (name !== 'rewrite') continue;
    // `[stop|continue] name [exact|prefix|suffix|substring] FROM TO [answer auto]`
    const words = args[0] === 'stop' || args[0] === 'continue' ? args.slice(1) : args;
    if (words[0] !== 'name') continue;
    const kind = KINDS.has(words[1] ?? '') ? words[1]! : 'exact';
    const [from = '', to = ''] = kind === words[1] ? words.slice(2) : words.slice(1);
    const changed = change(question.name, kind, from, to);
    if (changed !== undefined && changed !== question.name) return renamed(question, changed);
  }
  return { question, undo: (answer) => answer };
}

function change(name: string, kind: string, from: string, to: string): string | undefined {
  switch (kind) {
    case 'exact':
      return name === absolute(from) ? absolute(to) : undefined;
    case 'prefix':
      return name.startsWith(from) ? to + name.slice(from.length) : undefined;
    case 'suffix':
      return name.endsWith(absolute(from)) ? name.slice(0, -absolute(from).length) + absolute(to) : undefined;
    default:
      return name.includes(from) ? name.replace(from, to) : undefined;
  }
}

function renamed(question: DnsQuestion, changed: string): Rewritten {
  return {
    question: { ...question, name: changed },
    undo: (answer) => ({
      ...answer,
      answers: answer.answers.map((record) => (record.name === changed ? { ...record, name: question.name } : record)),
    }),
  };
}
