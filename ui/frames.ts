/** Draws in small parts, one a frame, so that the page always answers. */

/** Milliseconds of drawing in one frame; the browser lays out and paints in the rest of it. */
const BUDGET_MILLISECONDS = 6;

/** Draws until it is done or there is no time; answers whether something is left. */
export type Draw = (hasTime: () => boolean) => boolean;

/** Answers what asks for a drawing, as often as one likes. */
export function inFrames(draw: Draw): () => void {
  let asked = false;
  const request = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      const end = performance.now() + BUDGET_MILLISECONDS;
      if (draw(() => performance.now() < end)) request();
    });
  };
  return request;
}
