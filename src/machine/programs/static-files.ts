/** What servers of files share: where a file is, types by ending, dates, tags and a line of the log. */
import { formatDate } from './date-format.ts';
import type { HttpRequest } from './http.ts';
import { joinPath, normalPath } from './paths.ts';

/** The file that a path of a request means below a folder, which it does not leave. */
export const fileBelow = (folder: string, path: string): string => joinPath(folder, normalPath(path, '/').slice(1));

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  xml: 'text/xml',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  ico: 'image/x-icon',
  pdf: 'application/pdf',
  wasm: 'application/wasm',
  woff2: 'font/woff2',
  gz: 'application/gzip',
  md: 'text/markdown',
  yaml: 'application/yaml',
};

export const contentType = (path: string, otherwise = 'application/octet-stream'): string =>
  TYPES[/\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''] ?? otherwise;

export const httpDate = (at: number): string => formatDate(at, '%a, %d %b %Y %H:%M:%S GMT');

/** As nginx makes it: the time and the size. */
export const entityTag = (modifiedAt: number, size: number): string =>
  `"${Math.floor(modifiedAt / 1000).toString(16)}-${size.toString(16)}"`;

/** The day and time as logs of web servers have it: `05/Nov/2024:08:15:00 +0000`. */
export const logTime = (at: number): string => formatDate(at, '%d/%b/%Y:%H:%M:%S +0000');

/** A line of the log in the common format. */
export const commonLogLine = (
  { remote, method, target, version }: HttpRequest,
  at: number,
  { status, size }: { status: number; size: number },
): string => `${remote.address} - - [${logTime(at)}] "${method} ${target} ${version}" ${status} ${size}`;

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!);
