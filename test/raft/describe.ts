/** The printed forms of messages, entries and what is ready. Models the `Describe…` functions of go.etcd.io/raft/v3/util.go. */

import { type ConfState, changesText } from '../../src/etcd/raft/conf-change.ts';
import { hex } from '../../src/etcd/raft/journal.ts';
import {
  APPEND_THREAD,
  APPLY_THREAD,
  type Entry,
  type HardState,
  type Message,
  NONE,
  type Snapshot,
} from '../../src/etcd/raft/message.ts';
import type { Ready } from '../../src/etcd/raft/node.ts';

function target(id: number): string {
  if (id === NONE) return 'None';
  if (id === APPEND_THREAD) return 'AppendThread';
  return id === APPLY_THREAD ? 'ApplyThread' : hex(id);
}

export function describeEntry({ term, index, type, data, change }: Entry): string {
  const what = change ? changesText(change.changes) : JSON.stringify(data);
  return `${term}/${index} ${type}${what ? ` ${what}` : ''}`;
}

export const describeEntries = (entries: readonly Entry[]): string =>
  entries.map((entry) => `${describeEntry(entry)}\n`).join('');

const list = (ids: readonly number[]): string => `[${ids.join(' ')}]`;

function describeConfState({ voters, votersOutgoing, learners, learnersNext, autoLeave }: ConfState): string {
  const voting = `Voters:${list(voters)} VotersOutgoing:${list(votersOutgoing)}`;
  return `${voting} Learners:${list(learners)} LearnersNext:${list(learnersNext)} AutoLeave:${autoLeave}`;
}

const describeSnapshot = ({ index, term, confState }: Snapshot): string =>
  `Index:${index} Term:${term} ConfState:${describeConfState(confState)}`;

const describeHardState = ({ term, vote, commit }: HardState): string =>
  `Term:${term}${vote === NONE ? '' : ` Vote:${vote}`} Commit:${commit}`;

/** Several lines where there are several entries, a snapshot or answers; `indent` is before each. */
export function describeMessage(message: Message, indent = ''): string {
  const { from, to, type, term, logTerm, index, entries, snapshot, responses } = message;
  let text = `${indent}${target(from)}->${target(to)} ${type} Term:${term} Log:${logTerm}/${index}`;
  if (message.reject) text += ` Rejected (Hint: ${message.rejectHint})`;
  if (message.commit !== 0) text += ` Commit:${message.commit}`;
  if (message.vote !== NONE) text += ` Vote:${message.vote}`;
  if (entries.length === 1) text += ` Entries:[${describeEntry(entries[0]!)}]`;
  if (entries.length > 1) {
    const lines = entries.map((entry) => `\n${indent}  ${describeEntry(entry)}`);
    text += ` Entries:[${lines.join('')}\n${indent}]`;
  }
  if (snapshot) text += `\n${indent}  Snapshot: ${describeSnapshot(snapshot)}`;
  if (responses.length > 0) {
    const lines = responses.map((response) => `\n${describeMessage(response, `${indent}  `)}`);
    text += ` Responses:[${lines.join('')}\n${indent}]`;
  }
  return text;
}

export function describeReady(ready: Ready): string {
  const { softState, hardState, readStates, entries, snapshot, committedEntries, messages } = ready;
  let text = '';
  if (softState) text += `Lead:${softState.lead} State:${softState.role}\n`;
  if (hardState) text += `HardState ${describeHardState(hardState)}\n`;
  if (readStates.length > 0)
    text += `ReadStates [${readStates.map(({ index, context }) => `{${index} ${context}}`).join(' ')}]\n`;
  if (entries.length > 0) text += `Entries:\n${describeEntries(entries)}`;
  if (snapshot) text += `Snapshot ${describeSnapshot(snapshot)}\n`;
  if (committedEntries.length > 0) text += `CommittedEntries:\n${describeEntries(committedEntries)}`;
  if (messages.length > 0) text += `Messages:\n${messages.map((message) => `${describeMessage(message)}\n`).join('')}`;
  return text ? `Ready MustSync=${ready.mustSync}:\n${text}` : '<empty Ready>';
}
