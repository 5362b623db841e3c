/** What a schema says against a body, as a problem document that points to each field. */

import type { z } from '../zod.ts';
import { type FieldProblem, MAX_PROBLEMS, ProblemError } from './problem.ts';

type Issue = z.core.$ZodIssue;

const escapePointer = (segment: PropertyKey): string => String(segment).replaceAll('~', '~0').replaceAll('/', '~1');

/** Whether a branch of a union says of its input that it is of another type altogether: a number that is not whole is a number. */
const isAnotherType = (branch: Issue[]): boolean =>
  branch.some(({ code, path, ...rest }) => code === 'invalid_type' && path.length === 0 && !('format' in rest));

/** A union's issue has all that each of its branches says; what is wrong is what the one says that the input is of. */
function branchOf({ errors }: z.core.$ZodIssueInvalidUnion): Issue[] | undefined {
  const own = errors.filter((branch) => branch.length > 0 && !isAnotherType(branch));
  return own.length === 1 ? own[0] : undefined;
}

interface Problem {
  path: PropertyKey[];
  detail: string;
}

function* problemsOf(issues: Issue[], at: PropertyKey[]): Generator<Problem> {
  for (const issue of issues) {
    const path = [...at, ...issue.path];
    const branch = issue.code === 'invalid_union' ? branchOf(issue) : undefined;
    if (branch) yield* problemsOf(branch, path);
    else if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) yield { path: [...path, key], detail: 'unknown field' };
    else if (issue.code === 'invalid_key') yield { path, detail: issue.issues[0]?.message ?? issue.message };
    else yield { path, detail: issue.message };
  }
}

/** What is wrong first, and where. */
export const firstProblem = (error: z.core.$ZodError): Problem => problemsOf(error.issues, []).next().value!;

/** A failed parse as 422, with one error for each field. `what`: what has no name of its own, such as `the body`. */
export function invalidBody(error: z.core.$ZodError, what = 'the body'): ProblemError {
  const errors: FieldProblem[] = [];
  for (const { path, detail } of problemsOf(error.issues, [])) {
    const pointer = path.map((segment) => `/${escapePointer(segment)}`).join('');
    if (errors.push({ pointer, detail }) === MAX_PROBLEMS) break;
  }
  const first = errors[0]!;
  return new ProblemError(422, `${first.pointer || what}: ${first.detail}`, errors);
}
