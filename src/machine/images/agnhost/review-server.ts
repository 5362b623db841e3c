/** What the two webhooks of agnhost share: TLS by files that are named on the command line, and reviews of some kind that are answered. */
import { type Bytes, bytesOf, textOf } from '../../bytes.ts';
import { Errno } from '../../errno.ts';
import { Exit, type Process, type Program, type Run } from '../../program.ts';
import { type HttpRequest, type HttpResponse, headerOf } from '../../programs/http.ts';
import { jsonResponse, textResponse } from '../../programs/http-server.ts';
import { flag, GO_ENDING, klogHead, serveUntilAsked } from '../served.ts';

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface ReviewKind {
  /** `admission.k8s.io`. */
  group: string;
  kind: string;
}

/** Answers the request of a review with what becomes its response, but for the uid; undefined: never. */
export type Review = (request: Json, process: Process) => Run<Json | undefined>;

const FATAL = 255;

function* fatal(process: Process, source: string, words: string): Run<never> {
  yield* process.write(2, bytesOf(`${klogHead(process, source).replace('I', 'F')} ${words}\n`));
  throw new Exit(FATAL);
}

/** The certificates of a pair of files, which Go's tls.LoadX509KeyPair would take. */
function* certificateOf(process: Process, source: string): Run<Bytes> {
  const read = function* (name: string, type: RegExp, what: string): Run<Bytes> {
    const path = flag(process.args, name) ?? '';
    let text: Bytes;
    try {
      text = process.files.read(path);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      return yield* fatal(process, source, `open ${path}: ${error.message.toLowerCase()}`);
    }
    if (type.test(text)) return text;
    return yield* fatal(process, source, `tls: failed to find any PEM data in ${what} input`);
  };
  const certificate = yield* read('tls-cert-file', /-----BEGIN CERTIFICATE-----/, 'certificate');
  yield* read('tls-private-key-file', /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/, 'key');
  return certificate;
}

const VERBOSE = 2;

/** A line of klog's at level 2. */
export function* told(process: Process, words: string): Run {
  if (Number(flag(process.args, 'v') ?? 0) < VERBOSE) return;
  yield* process.write(2, bytesOf(`${klogHead(process, 'main.go:1')} ${words}\n`));
}

function* answered(process: Process, { headers, body }: HttpRequest, kind: ReviewKind, review: Review) {
  const type = headerOf(headers, 'content-type') ?? '';
  // As the real one: nothing is said of it.
  if (type !== 'application/json') return textResponse('');
  const text = textOf(body);
  yield* told(process, `handling request: ${text}`);
  let asked: unknown;
  try {
    asked = JSON.parse(text);
  } catch {
    return textResponse('Request could not be decoded: it is no JSON\n', 400);
  }
  const { apiVersion, kind: name, request } = isObject(asked) ? asked : {};
  const [group, version = ''] = String(apiVersion).split('/');
  if (group !== kind.group || name !== kind.kind || !['v1', 'v1beta1'].includes(version) || !isObject(request))
    return textResponse(`Unsupported group version kind: ${apiVersion}, Kind=${name}\n`, 400);
  const response = yield* review(request, process);
  if (response === undefined) return undefined;
  const answer = { kind: name, apiVersion, response: { uid: request.uid, ...response } };
  yield* told(process, `sending response: ${JSON.stringify(answer)}`);
  return jsonResponse(answer);
}

/** A server of reviews by their paths, over TLS; `/readyz` says that it is there. */
export const reviewServer = (
  kind: ReviewKind,
  reviews: Readonly<Record<string, Review>>,
  source = 'config.go:36',
): Program =>
  function* (process) {
    let certificate: Bytes;
    try {
      certificate = yield* certificateOf(process, source);
    } catch (error) {
      if (error instanceof Exit) return error.status;
      throw error;
    }
    const answer = function* (request: HttpRequest): Run<HttpResponse | undefined> {
      if (request.path === '/readyz') return textResponse('ok');
      const review = Object.hasOwn(reviews, request.path) ? reviews[request.path] : undefined;
      return review ? yield* answered(process, request, kind, review) : textResponse('404 page not found\n', 404);
    };
    const service = {
      ports: [Number(flag(process.args, 'port') ?? 443)],
      certificate: () => certificate,
      answer,
    };
    return yield* serveUntilAsked(process, service, GO_ENDING);
  };
