/**
 * Which images cannot be pulled, and what the container runtime says of it. No registry is asked, so an image is taken to exist
 * unless its name says otherwise: a repository or a tag that calls itself non-existent, a registry under a domain that never resolves.
 * The words are containerd's.
 */
import { canonicalImage } from './images.ts';

/** A repository's last part, or a tag. */
const NO_SUCH =
  /(?:^|[._-])(?:no-?such|non-?exist(?:ent|ing)|(?:does|do)-?(?:not|nt)-?exist|not-?(?:existing|found)|404)(?:$|[._-])/;

/** Domains that are promised never to be anybody's. Source: RFC 2606. */
const NOWHERE = /(?:^|\.)invalid(?::\d+)?$/i;

const DENIED =
  'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';

/** Why an image, whose name is a valid one, cannot be pulled; undefined: it can. */
export function pullProblem(image: string): string | undefined {
  const name = canonicalImage(image);
  const problem = problemOf(name);
  return problem === undefined
    ? undefined
    : `failed to pull and unpack image ${JSON.stringify(name)}: failed to resolve image: ${problem}`;
}

/** `name` is canonical: with its registry, and a tag or a digest. */
function problemOf(name: string): string | undefined {
  const slash = name.indexOf('/');
  const registry = name.slice(0, slash);
  const [tagged = '', digest] = name.slice(slash + 1).split('@');
  const at = tagged.lastIndexOf(':');
  const [repository, tag] = at < 0 ? [tagged, ''] : [tagged.slice(0, at), tagged.slice(at + 1)];
  if (NOWHERE.test(registry)) {
    const url = `https://${registry}/v2/${repository}/manifests/${digest ?? tag}`;
    const host = registry.replace(/:\d+$/, '');
    return `failed to do request: Head ${JSON.stringify(url)}: dial tcp: lookup ${host}: no such host`;
  }
  if (NO_SUCH.test(repository.slice(repository.lastIndexOf('/') + 1))) return DENIED;
  return NO_SUCH.test(tag) ? `${name}: not found` : undefined;
}
