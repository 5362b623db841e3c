/** Instants as API objects write them. */

/** What one instant is written as: many things are said of the same one, and share the text. */
function written(write: (milliseconds: number) => string): (milliseconds: number) => string {
  let last = Number.NaN;
  let text = '';
  return (milliseconds) => {
    if (milliseconds !== last) {
      text = write(milliseconds);
      last = milliseconds;
    }
    return text;
  };
}

/** RFC 3339 to the second, as `metav1.Time` is. */
export const timestamp = written((milliseconds) => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`);

/** RFC 3339 to the microsecond, as `metav1.MicroTime` is; of instants that are known to the millisecond. */
export const microTimestamp = written((milliseconds) => new Date(milliseconds).toISOString().replace('Z', '000Z'));

/** Milliseconds of a `metav1.Time`; 0 for an absent one. */
export const milliseconds = (text: string | null | undefined): number => (text ? Date.parse(text) : 0);
