/** Copying a line: by the clipboard, by the older way, and where a page's host allows neither, by hand from what is selected. */
import { h, setText } from './dom.ts';

const SHOWN_MILLISECONDS = 1800;

async function copied(text: string, from: Node): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(from);
    try {
      return document.execCommand('copy');
    } catch {
      return false;
    }
  }
}

/** A line of words that are not torn at their hyphens. */
export const codeOf = (line: string): HTMLElement =>
  h('code', {}, ...line.split(' ').flatMap((word, i) => [i > 0 && ' ', h('span', {}, word)]));

/** A button that copies the text, which `from` shows. */
export function copyButton(text: string, from: Node): HTMLButtonElement {
  const button = h('button', { type: 'button', class: 'quiet-button', 'aria-label': `Copy: ${text}` }, 'Copy');
  button.addEventListener('click', async () => {
    const done = await copied(text, from);
    // What is selected can still be copied by hand.
    setText(button, done ? 'Copied' : 'Press Ctrl C');
    setTimeout(() => setText(button, 'Copy'), SHOWN_MILLISECONDS);
  });
  return button;
}
