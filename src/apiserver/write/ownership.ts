/** managedFields of a plain write. */
import type { Kind } from '../../catalog/kinds.ts';
import type { StageContext } from '../../catalog/strategy.ts';
import type { KubeObject } from '../../objects/object.ts';
import { trackUpdate as track } from '../apply/track.ts';
import type { Author } from './author.ts';

export function trackUpdate(
  kind: Kind,
  old: KubeObject | undefined,
  object: KubeObject,
  author: Author,
  context: StageContext,
): void {
  if (author.tracked) return;
  track({
    kind,
    ...(old && { old }),
    object,
    manager: author.manager,
    subresource: author.subresource ?? context.subresource ?? '',
    now: context.now,
  });
}
