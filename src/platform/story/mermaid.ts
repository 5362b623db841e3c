/** A story as a sequence diagram in Mermaid's language. */
import type { Story } from '../../objects/story.ts';
import { actorsOf, arrowsOf, placeOf, type StoryArrow } from './arrows.ts';
import { shownSpan } from './instants.ts';

/** Arrows that a drawing has; of more, the first. */
export const MAX_DRAWN_ARROWS = 400;

const LINES: Record<StoryArrow['kind'], string> = {
  request: '->>',
  write: '->>',
  watch: '-->>',
  call: '-)',
  timer: '->>',
};

/** What means something in the language stands for itself by its number. */
const escaped = (text: string): string =>
  text.replace(/[#;%<>"{}\\]|[^\P{C} ]/gu, (found) => `#${found.codePointAt(0)};`);

export function mermaid(story: Story): string {
  const all = arrowsOf(story);
  const arrows = all.slice(0, MAX_DRAWN_ARROWS);
  const actors = actorsOf(story, arrows);
  const idOf = new Map(actors.map((actor, i) => [actor, `a${i}`]));
  const name = escaped(placeOf(story.object));
  const lines = ['sequenceDiagram', `  accTitle: The story of ${name}`, `  accDescr: ${story.writes.length} writes`];
  for (const actor of actors) lines.push(`  participant ${idOf.get(actor)} as ${escaped(actor)}`);
  let last = arrows[0]?.time;
  for (const { from, to, kind, text, time } of arrows) {
    if (time !== undefined && last !== undefined && time > last)
      lines.push(`  Note over ${idOf.get(actors[0]!)},${idOf.get(actors.at(-1)!)}: ${shownSpan(time - last)} later`);
    last = time ?? last;
    lines.push(`  ${idOf.get(from)}${LINES[kind]}${idOf.get(to)}: ${escaped(text)}`);
  }
  if (all.length > arrows.length)
    lines.push(`  Note over ${idOf.get(actors[0]!)}: and ${all.length - arrows.length} more`);
  return `${lines.join('\n')}\n`;
}
