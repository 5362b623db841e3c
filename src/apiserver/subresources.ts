/** Subresources that are not the object itself. */
import type { Exchange } from './pipeline.ts';
import { resourceNotFound } from './route.ts';
import { scale } from './scale.ts';

export function subresource(exchange: Exchange): Promise<Response> {
  switch (exchange.subresource) {
    case 'scale':
      return scale(exchange);
    default:
      throw resourceNotFound();
  }
}
