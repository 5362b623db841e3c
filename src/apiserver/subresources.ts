/** Subresources that are not the object itself. */
import { bind, evict } from './binding.ts';
import type { Exchange } from './pipeline.ts';
import { serviceAccountToken } from './questions.ts';
import { resourceNotFound } from './route.ts';
import { scale } from './scale.ts';

export function subresource(exchange: Exchange): Promise<Response> {
  switch (exchange.subresource) {
    case 'token':
      return serviceAccountToken(exchange);
    case 'scale':
      return scale(exchange);
    case 'binding':
      return bind(exchange);
    case 'eviction':
      return evict(exchange);
    default:
      throw resourceNotFound();
  }
}
