/** Subresources that are not the object itself. */

import { requestToken } from '../identity/token-request.ts';
import type { Exchange } from '../pipeline.ts';
import { get } from '../read/get.ts';
import { resourceNotFound } from '../route.ts';
import { patch } from '../write/patch.ts';
import { update } from '../write/update.ts';
import { bind } from './binding.ts';
import { evict } from './eviction.ts';
import { podConnection } from './pod-connection.ts';
import { podLog } from './pod-log.ts';
import { proxy } from './proxy.ts';
import { scale } from './scale.ts';

export function subresource(exchange: Exchange): Promise<Response> {
  switch (exchange.subresource) {
    case 'token':
      return requestToken(exchange);
    case 'scale':
      return scale(exchange);
    case 'binding':
      return bind(exchange);
    case 'eviction':
      return evict(exchange);
    case 'approval':
    case 'ephemeralcontainers':
    case 'finalize':
    case 'resize':
      return partOfObject(exchange);
    case 'attach':
    case 'exec':
    case 'portforward':
      return podConnection(exchange);
    case 'log':
      return podLog(exchange);
    case 'proxy':
      return proxy(exchange);
    default:
      throw resourceNotFound();
  }
}

/** The object itself, of which this door changes only a part. */
function partOfObject(exchange: Exchange): Promise<Response> {
  if (exchange.verb === 'get') return get(exchange);
  return exchange.verb === 'patch' ? patch(exchange) : update(exchange);
}
