/** What is said of the finalizers that a write of a custom resource adds. */
import { quoteGo } from '../../objects/go-quote.ts';
import { isQualifiedName } from '../../objects/names.ts';
import type { KubeObject } from '../../objects/object.ts';

const STANDARD = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

export function finalizerWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const had = new Set(old?.metadata.finalizers);
  const added = [...new Set(object.metadata.finalizers)].filter((name) => !had.has(name)).sort();
  return added.flatMap((name) => {
    const said = (words: string): string => `metadata.finalizers: ${quoteGo(name)}: ${words}`;
    const warnings = isQualifiedName(name).map(said);
    if (name.includes('/') || STANDARD.has(name)) return warnings;
    const path = name.includes('.') ? ' including a path (/)' : '';
    return [
      ...warnings,
      said(
        `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`,
      ),
    ];
  });
}
