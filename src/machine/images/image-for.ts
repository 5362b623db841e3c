/** The table of images: what a reference stands for. */
import { BoundedMap } from '../../simulation/bounded-map.ts';
import type { Image } from '../image.ts';
import { agnhost, olderTestImages } from './agnhost/agnhost.ts';
import { noNewPrivileges } from './agnhost/no-new-privileges.ts';
import { pictures } from './agnhost/pictures.ts';
import { busybox } from './busybox.ts';
import { mongo } from './databases/mongo.ts';
import { mariadb, mysql } from './databases/mysql.ts';
import { postgres } from './databases/postgres.ts';
import { alpine, debian, ubuntu } from './distributions.ts';
import { bootcamp, echoserver, helloApp, helloNode, httpEcho, whoami } from './echo-servers.ts';
import { guestbookFrontend } from './guestbook.ts';
import type { ImageFamily } from './image-family.ts';
import { node, perl, python } from './languages.ts';
import { nginx } from './nginx.ts';
import { pause } from './pause.ts';
import { podinfo } from './podinfo.ts';
import { redis, redisFollower } from './redis/redis.ts';
import { stress } from './stress.ts';
import { curlImages, dnsutils, glibcDns, netshoot } from './test-tools.ts';
import { unknownImage } from './unknown.ts';
import { caddy, httpd } from './web-servers.ts';

const FAMILIES: readonly ImageFamily[] = [
  busybox,
  alpine,
  debian,
  ubuntu,
  nginx,
  httpd,
  caddy,
  python,
  node,
  perl,
  stress,
  pause,
  agnhost,
  ...olderTestImages,
  noNewPrivileges,
  ...pictures,
  bootcamp,
  echoserver,
  helloApp,
  helloNode,
  httpEcho,
  whoami,
  podinfo,
  postgres,
  mysql,
  mariadb,
  mongo,
  redis,
  redisFollower,
  guestbookFrontend,
  curlImages,
  dnsutils,
  glibcDns,
  netshoot,
];

const byName = new Map(FAMILIES.flatMap((family) => family.names.map((name): [string, ImageFamily] => [name, family])));

/** Images that are kept ready; made anew otherwise. */
export const MAX_KEPT = 200;
const kept = new BoundedMap<Image>(MAX_KEPT, () => 1);

/** A reference's canonical repository and its tag: `nginx` is `docker.io/library/nginx` and `latest`. */
export function repositoryOf(reference: string): { name: string; tag: string } {
  const [undigested] = reference.split('@');
  const slash = undigested!.lastIndexOf('/');
  const colon = undigested!.indexOf(':', slash + 1);
  const name = colon < 0 ? undigested! : undigested!.slice(0, colon);
  const tag = colon < 0 ? 'latest' : undigested!.slice(colon + 1);
  const [first, ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first!) || first === 'localhost');
  if (hasHost)
    return {
      name: name.replace(/^index\.docker\.io\//, 'docker.io/').replace(/^docker\.io\/([^/]+)$/, 'docker.io/library/$1'),
      tag,
    };
  return { name: rest.length > 0 ? `docker.io/${name}` : `docker.io/library/${name}`, tag };
}

/** What a reference stands for; an image that nobody knows runs, prints nothing and stays up. The same object for the same reference. */
export function imageFor(reference: string): Image {
  const known = kept.get(reference);
  if (known) return known;
  const { name, tag } = repositoryOf(reference);
  const made = byName.get(name)?.imageOf(tag, name) ?? unknownImage(name);
  kept.set(reference, made);
  return made;
}

/** Whether it is known what an image's programs do. */
export const isKnownImage = (reference: string): boolean => byName.has(repositoryOf(reference).name);
