/** What curl says: its errors, and -w. */
import type { Bytes } from '../bytes.ts';
import type { Errno } from '../errno.ts';
import { type Headers, headerOf } from './http.ts';
import { resolveEscapes } from './printf.ts';

/** Ends a transfer with one of curl's codes. */
export class CurlFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The code and words of what went wrong while an answer was awaited. */
export function curlWords(error: Errno, took: number): [number, string] {
  switch (error.code) {
    case 'ETIMEDOUT':
      return [28, `Operation timed out after ${took} milliseconds with 0 bytes received`];
    case 'EIO':
      return [52, 'Empty reply from server'];
    case 'EINVAL':
      return [1, 'Received HTTP/0.9 when not allowed'];
    case 'EPIPE':
    case 'ECONNRESET':
      return [56, 'Recv failure: Connection reset by peer'];
  }
  return [56, `Recv failure: ${error.message}`];
}

export interface Timing {
  /** Seconds. */
  total: number;
}

interface Outcome {
  status: number;
  size: number;
  url: string;
  timing: Timing;
  headers?: Headers;
}

/** The text of -w. */
export function writeOut(format: string, { status, size, url, timing, headers = [] }: Outcome): Bytes {
  const seconds = timing.total.toFixed(6);
  const fields: Readonly<Record<string, string>> = {
    http_code: String(status).padStart(3, '0'),
    response_code: String(status).padStart(3, '0'),
    size_download: String(size),
    time_total: seconds,
    time_connect: seconds,
    time_starttransfer: seconds,
    time_namelookup: '0.000000',
    url_effective: url,
    url,
    content_type: headerOf(headers, 'content-type') ?? '',
    redirect_url: headerOf(headers, 'location') ?? '',
    num_connects: status === 0 ? '0' : '1',
    remote_ip: '',
    http_version: '1.1',
    exitcode: '0',
  };
  const filled = format.replace(/%\{(\w+)\}/g, (_, name: string) => fields[name] ?? '').replaceAll('%%', '%');
  return resolveEscapes(filled).text;
}
