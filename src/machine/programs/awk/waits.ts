/**
 * What of a program may have to wait: input, commands, and loops, between whose turns others have theirs. All the rest is worked out at once, without a generator for
 * each part of an expression.
 */
import type { Expression, Script, Statement } from './syntax.ts';

type Node = Expression | Statement;

export const WAITING_CALLS = new Set(['system', 'close', 'fflush']);

export const childrenOf = (node: Node): readonly Node[] =>
  Object.entries(node).flatMap(([key, value]): Node[] => {
    if (key === 'value' && (node.kind === 'constant' || node.kind === 'number' || node.kind === 'string')) return [];
    if (Array.isArray(value)) return value.filter(isNode);
    if (isNode(value)) return [value];
    return key === 'redirect' && value !== undefined ? [(value as { to: Expression }).to] : [];
  });

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'kind' in value;

const LOOPS = new Set(['while', 'do', 'for', 'for-in']);

/** The nodes of a script that may wait. */
export function waitingNodes(script: Script): ReadonlySet<object> {
  const waiting = new Set<object>();
  const printing = new Set<object>();
  let functionsWait = false;
  const visit = (node: Node): void => {
    const children = childrenOf(node);
    for (const child of children) visit(child);
    if (node.kind === 'print' || node.kind === 'printf' || children.some((child) => printing.has(child)))
      printing.add(node);
    const isCall = node.kind === 'call' && (node.isBuiltin ? WAITING_CALLS.has(node.name) : functionsWait);
    const isLoop = LOOPS.has(node.kind) && (node.kind !== 'for-in' || printing.has(node));
    if (node.kind === 'getline' || isCall || isLoop || children.some((child) => waiting.has(child))) waiting.add(node);
  };
  const visitFunctions = (): void => {
    for (const { body } of script.functions.values()) visit(body);
  };
  visitFunctions();
  functionsWait = [...script.functions.values()].some(({ body }) => waiting.has(body));
  if (functionsWait) visitFunctions();
  for (const { from, to, body } of script.rules) {
    if (typeof from === 'object') visit(from);
    if (to !== undefined) visit(to);
    if (body !== undefined) visit(body);
  }
  return waiting;
}
