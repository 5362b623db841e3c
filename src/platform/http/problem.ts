/** Errors of `/v1` as problem documents. Source: RFC 9457. */
import { z } from '../zod.ts';

/** One thing that is wrong; `pointer` is a JSON pointer into the body, or into the query as an object of its parameters. */
export interface FieldProblem {
  pointer: string;
  detail: string;
}

/** Things that one problem tells of, and characters that it tells them in. */
export const MAX_PROBLEMS = 100;
export const MAX_DETAIL = 2_000;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export const problemSchema = z
  .object({
    type: z.string().openapi({
      description: 'Always `about:blank`: the status says what kind of problem it is.',
      example: 'about:blank',
    }),
    title: z.string().openapi({ description: 'The status in words.', example: 'Unprocessable Content' }),
    status: z.int().openapi({ description: 'The HTTP status.', example: 422 }),
    detail: z.string().openapi({
      description: 'What is wrong with this request.',
      example: '/nodes/1/name: must be a DNS subdomain, e.g. node-1',
    }),
    errors: z
      .array(
        z.object({
          pointer: z.string().openapi({
            description:
              'A JSON pointer to it, in the body or among the parameters of the query; empty for the whole body.',
            example: '/nodes/1/name',
          }),
          detail: z.string().openapi({
            description: 'What is wrong there.',
            example: 'must be a DNS subdomain, e.g. node-1',
          }),
        }),
      )
      .max(MAX_PROBLEMS)
      .optional()
      .openapi({ description: 'Each thing that is wrong with the body or the query.' }),
  })
  .openapi('Problem', { description: 'Why a request was not done, as RFC 9457 has it.' });

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const cut = (text: string): string => (text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)} ...` : text);

export class ProblemError extends Error {
  readonly status: number;
  readonly errors: FieldProblem[];
  readonly headers: Record<string, string>;
  constructor(status: number, detail: string, errors: FieldProblem[] = [], headers: Record<string, string> = {}) {
    super(cut(detail));
    this.status = status;
    this.errors = errors.slice(0, MAX_PROBLEMS).map((e) => ({ pointer: cut(e.pointer), detail: cut(e.detail) }));
    this.headers = headers;
  }
}

export function problemResponse(error: ProblemError): Response {
  const body = {
    type: 'about:blank',
    title: TITLES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    ...(error.errors.length ? { errors: error.errors } : {}),
  };
  return new Response(`${JSON.stringify(body)}\n`, {
    status: error.status,
    headers: { 'content-type': PROBLEM_MEDIA_TYPE, ...error.headers },
  });
}

export const tooManyRequests = (retryAfter: number): ProblemError =>
  new ProblemError(429, `Too many requests: ask again in ${retryAfter} s.`, [], { 'retry-after': String(retryAfter) });

/** What of a text that was sent is said back. */
const SHOWN_LENGTH = 200;

export const shortened = (text: string, length = SHOWN_LENGTH): string =>
  text.length <= length ? text : `${text.slice(0, length)}…`;
