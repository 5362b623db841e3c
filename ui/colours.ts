/** Colours that can be read: any accent of a host is made so, by the contrast that WCAG asks of text. */

/** Of text and what it stands on. Source: https://www.w3.org/TR/WCAG22/#contrast-minimum */
const MIN_CONTRAST = 4.5;
/** In how many steps a colour goes to black or white. */
const STEPS = 20;

const channels = (colour: string): number[] => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

function luminance(colour: string): number {
  const [r, g, b] = channels(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

const mixed = (colour: string, target: number, part: number): string =>
  `#${channels(colour)
    .map((value) =>
      Math.round(value + (target - value) * part)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

/** The colour, as much darker or lighter as it takes to be read on the other. All are `#rrggbb`. */
export function legible(colour: string, ground: string): string {
  const target = luminance(ground) > 0.3 ? 0 : 255;
  for (let step = 0; step <= STEPS; step++) {
    const tried = mixed(colour, target, step / STEPS);
    if (contrast(tried, ground) >= MIN_CONTRAST) return tried;
  }
  return mixed(colour, target, 1);
}

/** Black or white, whichever is better read on the colour. */
export const on = (colour: string): string =>
  contrast('#000000', colour) > contrast('#ffffff', colour) ? '#000000' : '#ffffff';
