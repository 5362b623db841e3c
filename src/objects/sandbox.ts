/** A pod's sandbox as containerd makes it: its id and its network namespace, which here follow from the pod's uid. */
import { sha512 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';

export interface Sandbox {
  /** 64 hexadecimal digits. */
  id: string;
  /** The network namespace's path. */
  netns: string;
}

const ID_BYTES = 32;
const NETNS_BYTES = 16;

const uuid = (digits: string): string => digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

export function sandboxOf(uid: string): Sandbox {
  const digest = sha512(`sandbox ${uid}`);
  const id = bytesToHex(digest.subarray(0, ID_BYTES));
  return { id, netns: `/var/run/netns/cni-${uuid(bytesToHex(digest.subarray(ID_BYTES, ID_BYTES + NETNS_BYTES)))}` };
}
