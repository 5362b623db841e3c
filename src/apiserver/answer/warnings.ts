/** Warnings of a request as RFC 7234's headers, held to a size. models k8s.io/apiserver/pkg/endpoints/filters/warning.go */

/** Characters of all warnings together from which on each is cut. */
export const MAX_WARNING_CHARACTERS = 4 * 1024;
/** What is left of one that is cut. */
export const MAX_CUT_WARNING_CHARACTERS = 256;

/** Adds them to an answer. */
export function appendWarnings(headers: Headers, texts: Iterable<string>): void {
  for (const header of warningHeaders(texts)) {
    try {
      headers.append('warning', header);
    } catch {
      // Where headers take no Unicode they take its bytes, and both are the same on the wire.
      headers.append('warning', String.fromCharCode(...new TextEncoder().encode(header)));
    }
  }
}

/** The values of the `Warning` headers: each text once, whole if all have room, else cut, and none after the room is full. */
export function warningHeaders(texts: Iterable<string>): string[] {
  const distinct = [...new Set(texts)].filter((text) => text !== '');
  const whole = distinct.findIndex(overflows());
  if (whole === -1) return distinct.map(warningHeader);
  let written = 0;
  const headers: string[] = [];
  for (const [i, text] of distinct.entries()) {
    if (i > whole && written >= MAX_WARNING_CHARACTERS) break;
    const cut = cutTo(text, MAX_CUT_WARNING_CHARACTERS);
    written += cut.length;
    headers.push(warningHeader(cut));
  }
  return headers;
}

/** Whether the room for whole texts ends with this one. */
function overflows(): (text: string) => boolean {
  let written = 0;
  return (text) => {
    written += text.length;
    return written > MAX_WARNING_CHARACTERS;
  };
}

/** Never through the middle of a character. */
function cutTo(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length);
}

/** With the code for miscellaneous ones. */
const warningHeader = (text: string): string => `299 - "${text.replace(/\p{Cc}+/gu, ' ').replace(/[\\"]/g, '\\$&')}"`;
