import type { PolicyRule as StoredRule } from '../../objects/generated/rbac-v1.gen.ts';

/** A rule as it is stored, or as it is asked for: without verbs it allows nothing. */
export type PolicyRule = Partial<StoredRule>;
