/** A story as a picture: a sequence diagram in SVG that needs nothing beside it and says in words what it shows. */
import type { Story } from '../../objects/story.ts';
import { actorsOf, arrowsOf, placeOf, type StoryArrow } from './arrows.ts';
import { shownSpan } from './instants.ts';
import { MAX_DRAWN_ARROWS } from './mermaid.ts';

/** Pixels. */
const COLUMN = 190;
const ROW = 34;
const TOP = 84;
const MARGIN = 20;
const HEAD = 6;
const LOOP = 26;
/** Characters of a label; all of it is in its title. */
const LABEL = 64;
const NAME = 26;

const STYLE = `text{font:12px system-ui,sans-serif;fill:#1b1f24}.actor{font-weight:600}.time{fill:#57606a}
.life{stroke:#8c959f;stroke-dasharray:3 4}line,path{stroke:#1b1f24;fill:none}.watch{stroke:#0969da;stroke-dasharray:6 3}.call{stroke:#8250df}
.timer{stroke:#9a6700}.head{stroke:none;fill:#1b1f24}.ground{fill:#fff}.halo{paint-order:stroke;stroke:#fff;stroke-width:4px}`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Characters that XML does not have are left out. */
const escaped = (text: string): string =>
  text.replace(/[^\P{C}\p{Cs}]|\p{Cs}/gu, '').replace(/[&<>"']/g, (found) => ENTITIES[found]!);

const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

export function svg(story: Story): string {
  const all = arrowsOf(story);
  const arrows = all.slice(0, MAX_DRAWN_ARROWS);
  const actors = actorsOf(story, arrows);
  const x = new Map(actors.map((actor, i) => [actor, MARGIN + COLUMN * (i + 0.5)]));
  const width = 2 * MARGIN + COLUMN * Math.max(1, actors.length);
  const bottom = TOP + ROW * arrows.length + MARGIN;
  const name = escaped(placeOf(story.object));
  const left = all.length - arrows.length;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + MARGIN}" viewBox="0 0 ${width} ${bottom + MARGIN}" role="img" aria-labelledby="title desc">`,
    `<title id="title">The story of ${name}</title>`,
    `<desc id="desc">${escaped(told(story, arrows, left))}</desc>`,
    `<style>${STYLE}</style><rect class="ground" width="100%" height="100%"/>`,
    `<text x="${MARGIN}" y="24" class="actor">The story of ${name}${left > 0 ? `: its first ${arrows.length} steps` : ''}</text>`,
  ];
  for (const actor of actors) {
    const at = x.get(actor)!;
    parts.push(`<line class="life" x1="${at}" y1="${TOP - 20}" x2="${at}" y2="${bottom}"/>`);
    parts.push(text(at, TOP - 28, 'actor', actor, NAME));
  }
  let last: number | undefined;
  for (const [i, arrow] of arrows.entries()) {
    const y = TOP + ROW * (i + 0.5);
    if (arrow.time !== undefined && last !== undefined && arrow.time > last)
      parts.push(`<text class="time" x="4" y="${y - 12}">+${shownSpan(arrow.time - last)}</text>`);
    last = arrow.time ?? last;
    parts.push(drawn(arrow, x.get(arrow.from)!, x.get(arrow.to)!, y));
  }
  return `${parts.join('\n')}\n</svg>\n`;
}

const text = (x: number, y: number, of: string, words: string, length: number): string =>
  `<text x="${x}" y="${y}" class="${of}" text-anchor="middle"><title>${escaped(words)}</title>${escaped(shortened(words, length))}</text>`;

function drawn({ kind, text: words }: StoryArrow, from: number, to: number, y: number): string {
  if (from === to)
    return `<path class="${kind}" d="M${from} ${y - 6}h${LOOP}v10h-${LOOP}"/>${head(from, y + 4, -1)}${text(from + LOOP, y - 10, 'halo', words, LABEL)}`;
  const direction = to > from ? 1 : -1;
  return `<line class="${kind}" x1="${from}" y1="${y}" x2="${to}" y2="${y}"/>${head(to, y, direction)}${text((from + to) / 2, y - 6, 'halo', words, LABEL)}`;
}

/** The point of an arrow that comes from the left (1) or from the right (-1). */
const head = (x: number, y: number, direction: number): string =>
  `<path class="head" d="M${x} ${y}l${-direction * 2 * HEAD} ${-HEAD / 1.5}v${(2 * HEAD) / 1.5}z"/>`;

/** For whoever does not see it. */
function told({ writes }: Story, arrows: readonly StoryArrow[], left: number): string {
  const steps = arrows.map(({ from, to, text }) => `${from} to ${to}: ${text}.`);
  return [`${writes.length} writes.`, ...steps, ...(left > 0 ? [`And ${left} more.`] : [])].join(' ');
}
