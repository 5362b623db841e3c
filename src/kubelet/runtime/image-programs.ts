/** What is known of images without running them. */
import type { Container } from '../../objects/generated/core-v1.gen.ts';
import { imageRepository } from './images.ts';

/** Images whose own program serves until it is stopped, whatever its environment says. */
const SERVERS = new Set(['nginx', 'httpd', 'redis', 'registry.k8s.io/pause']);

/** Whether nothing can come of the container by itself: it waits for who connects. */
export const servesOnly = ({ image = '', command, args }: Container): boolean =>
  !command?.length && !args?.length && SERVERS.has(imageRepository(image));
