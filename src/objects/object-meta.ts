import type { ObjectMeta as Metadata } from './generated/meta-v1.gen.ts';

/** Metadata of an object of its own. Templates' metadata has no name. */
export type ObjectMeta = Metadata & { name: string };
