/** What the library keeps of attachments between calls. Source: containernetworking/cni libcni. */
import { CNIError } from './errors.ts';
import type { CachedAttachment, Machine } from './machine.ts';
import { configVersion } from './plugin-main.ts';
import { convertResult, printResult, type Result, readResult } from './result.ts';

/** An attachment as the runtime names it. */
export interface Attachment {
  containerID: string;
  netns: string;
  ifname: string;
  args: string;
  capabilityArgs: Record<string, unknown> | undefined;
}

const keyOf = (network: string, { containerID, ifname }: Attachment): string => `${network}-${containerID}-${ifname}`;

export function remember({ cache }: Machine, network: string, attachment: Attachment, result: Result): void {
  const { containerID, netns, ifname, args, capabilityArgs } = attachment;
  cache[keyOf(network, attachment)] = {
    result: printResult(result),
    containerID,
    ifname,
    ...(netns === '' ? {} : { netns }),
    ...(args === '' ? {} : { args }),
    ...(capabilityArgs ? { capabilityArgs } : {}),
  };
}

export function forget({ cache }: Machine, network: string, attachment: Attachment): void {
  delete cache[keyOf(network, attachment)];
}

/** In the version of the configuration, which may have changed since. Throws `CNIError`. */
export function recall(
  { cache }: Machine,
  network: string,
  version: string,
  attachment: Attachment,
): Result | undefined {
  const key = keyOf(network, attachment);
  if (!Object.hasOwn(cache, key)) return undefined;
  const { result } = cache[key]!;
  return convertResult(readResult(configVersion(result), result), version);
}

/** As `recall`; what can't be read is forgotten. */
export function recallOrForget(machine: Machine, network: string, version: string, attachment: Attachment) {
  try {
    return recall(machine, network, version, attachment);
  } catch (error) {
    if (!(error instanceof CNIError)) throw error;
    forget(machine, network, attachment);
    return undefined;
  }
}

const attachmentOf = ({ containerID, netns, ifname, args, capabilityArgs }: CachedAttachment): Attachment => ({
  containerID,
  netns: netns ?? '',
  ifname,
  args: args ?? '',
  capabilityArgs,
});

/** Those of one network, in the order of their files. */
export const attachmentsOf = ({ cache }: Machine, network: string): Attachment[] =>
  Object.entries(cache)
    .filter(([key, one]) => key === keyOf(network, attachmentOf(one)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => attachmentOf(one));
