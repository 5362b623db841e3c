/** A page of somebody else's, on an origin of its own. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Blog {
  url: string;
  close(): void;
}

/** Serves the body under every path. */
export async function blogWith(body: string, headers: Record<string, string> = {}): Promise<Blog> {
  const server = createServer((request, response) => {
    if (request.url === '/favicon.ico') return void response.writeHead(204).end();
    for (const [name, value] of Object.entries({ 'content-type': 'text/html; charset=utf-8', ...headers }))
      response.setHeader(name, value);
    response.end(`<!doctype html><html lang="en"><title>A blog</title><p>Above it.</p>${body}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => server.close().closeAllConnections(),
  };
}
