/**
 * Changes of who votes and who learns: one at a time, or several through a joint configuration. Their printed forms too.
 * Models raftpb/confchange.go and raftpb/confstate.go.
 */

export type ConfChangeType =
  | 'ConfChangeAddNode'
  | 'ConfChangeRemoveNode'
  | 'ConfChangeUpdateNode'
  | 'ConfChangeAddLearnerNode';

export interface ConfChangeSingle {
  type: ConfChangeType;
  /** 0 for a change that is to have no effect: a no, said after the entry was in the log. */
  nodeId: number;
}

export type Transition =
  /** One change is made at once; several go through a joint configuration that is left by itself. */
  | 'ConfChangeTransitionAuto'
  /** Always joint, left by itself. */
  | 'ConfChangeTransitionJointImplicit'
  /** Always joint, left by an empty change. */
  | 'ConfChangeTransitionJointExplicit';

export interface ConfChange {
  transition: Transition;
  changes: ConfChangeSingle[];
  context: string;
}

/** A configuration at rest or under way. All lists are sorted, and those of learners have nobody in them who votes. */
export interface ConfState {
  voters: number[];
  /** Who voted before; empty unless the configuration is joint. */
  votersOutgoing: number[];
  learners: number[];
  /** Who still votes in the outgoing half, and learns when that is left. */
  learnersNext: number[];
  autoLeave: boolean;
}

export const emptyConfState = (): ConfState => ({
  voters: [],
  votersOutgoing: [],
  learners: [],
  learnersNext: [],
  autoLeave: false,
});

/** The empty change: it leaves a joint configuration. */
export const LEAVE_JOINT: ConfChange = { transition: 'ConfChangeTransitionAuto', changes: [], context: '' };

export const leavesJoint = (change: ConfChange): boolean =>
  change.transition === 'ConfChangeTransitionAuto' && change.changes.length === 0;

export const entersJoint = (change: ConfChange): boolean =>
  change.transition !== 'ConfChangeTransitionAuto' || change.changes.length > 1;

export const leavesByItself = (change: ConfChange): boolean =>
  change.transition !== 'ConfChangeTransitionJointExplicit';

const LETTERS: Record<ConfChangeType, string> = {
  ConfChangeAddNode: 'v',
  ConfChangeAddLearnerNode: 'l',
  ConfChangeRemoveNode: 'r',
  ConfChangeUpdateNode: 'u',
};

/** `v1 l2 r3`: a voter, a learner, one removed. */
export const changesText = (changes: readonly ConfChangeSingle[]): string =>
  changes.map(({ type, nodeId }) => `${LETTERS[type]}${nodeId}`).join(' ');

/** The other way round. Throws on what is none. */
export function changesFromText(text: string): ConfChangeSingle[] {
  const words = text.trim().split(' ').filter(Boolean);
  return words.map((word) => {
    const type = (Object.keys(LETTERS) as ConfChangeType[]).find((name) => LETTERS[name] === word[0]);
    if (!type || !/^\d+$/.test(word.slice(1))) throw new Error(`unknown input: ${word}`);
    return { type, nodeId: Number(word.slice(1)) };
  });
}

export function describeConfChange(change: ConfChange): string {
  const changes = change.changes.map(({ type, nodeId }) => ` changes:{type:${type} node_id:${nodeId}}`);
  const context = change.context ? ` context:${JSON.stringify(change.context)}` : '';
  return `transition:${change.transition}${changes.join('')}${context}`;
}
