/** Users and groups, as /etc/passwd and /etc/group of the image name them. */
import { textOf } from '../bytes.ts';
import type { Process } from '../program.ts';
import { readOr } from './applet.ts';

export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

export interface Group {
  name: string;
  gid: number;
  members: readonly string[];
}

const rows = (process: Process, path: string): string[][] =>
  textOf(readOr(process, path))
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));

export const accountsOf = (process: Process): Account[] =>
  rows(process, '/etc/passwd').map(([name, , uid, gid, , home, shell]) => ({
    name: name!,
    uid: Number(uid),
    gid: Number(gid),
    home: home ?? '/',
    shell: shell ?? '/bin/sh',
  }));

export const groupsOf = (process: Process): Group[] =>
  rows(process, '/etc/group').map(([name, , gid, members]) => ({
    name: name!,
    gid: Number(gid),
    members: (members ?? '').split(',').filter((member) => member !== ''),
  }));

/** Names by number; the number itself where there is no name. */
export interface Names {
  user(uid: number): string;
  group(gid: number): string;
}

export function namesOf(process: Process): Names {
  const users = new Map(
    accountsOf(process)
      .toReversed()
      .map(({ uid, name }) => [uid, name]),
  );
  const groups = new Map(
    groupsOf(process)
      .toReversed()
      .map(({ gid, name }) => [gid, name]),
  );
  return { user: (uid) => users.get(uid) ?? String(uid), group: (gid) => groups.get(gid) ?? String(gid) };
}

/** The account of the process, if it has one. */
export const ownAccount = (process: Process): Account | undefined =>
  accountsOf(process).find(({ uid }) => uid === process.user.uid);
