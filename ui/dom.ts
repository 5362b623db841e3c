/** Elements from code: no markup in strings, so nothing that a cluster says is ever read as HTML. */

type Child = Node | string | undefined | false;

/** `h('button', {class: 'primary', type: 'button'}, 'Make a sandbox')` */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

export function byId<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as Kind;
}

/** Makes the parent's children those of `items`, in order. Elements stay with their key, so that transitions go on. */
export function keyed<Item>(
  parent: Element,
  items: Item[],
  key: (item: Item) => string,
  create: (item: Item) => Element,
  update: (element: Element, item: Item) => void,
): void {
  const known = new Map([...parent.children].map((element) => [element.getAttribute('data-key'), element]));
  const wanted = new Set(items.map(key));
  let there = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    let element = known.get(id);
    if (!element) {
      element = create(item);
      element.setAttribute('data-key', id);
    }
    update(element, item);
    // One that goes anyway is passed by, so that those after it need not move.
    while (there && !wanted.has(there.getAttribute('data-key') ?? '')) there = there.nextElementSibling;
    if (there === element) there = element.nextElementSibling;
    else move(element, parent, there);
  }
  for (const [id, element] of known) if (!wanted.has(id ?? '')) takeAway(element);
}

/** What is moved would lose the focus. */
function move(element: Element, parent: Element, before: Element | null): void {
  const focused = document.activeElement;
  const held = element.contains(focused);
  parent.insertBefore(element, before);
  if (held) focusOn(focused as HTMLElement);
}

/** Removes it; if the focus was in it, that goes to what stands beside it. */
export function takeAway(element: Element): void {
  if (element.contains(document.activeElement)) {
    const beside = element.nextElementSibling ?? element.previousElementSibling ?? element.closest('.node, .view');
    const next = beside?.matches('button') ? beside : beside?.querySelector('button');
    focusOn((next as HTMLElement | null | undefined) ?? byId('name'));
  }
  element.remove();
}

/** Puts the element among the parent's children, which are in the order of their names. */
export function insertSorted(
  parent: Element,
  element: HTMLElement,
  name: string,
  nameOf: (element: HTMLElement) => string,
  compare: (a: string, b: string) => number,
): void {
  const { children } = parent;
  let [low, high] = [0, children.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(nameOf(children[middle] as HTMLElement), name) < 0) low = middle + 1;
    else high = middle;
  }
  parent.insertBefore(element, children[low] ?? null);
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// A frame of another site hears that it has the focus only after the press that gave it; what that press does may run before.
let isPressed = false;
for (const press of ['pointerdown', 'keydown']) addEventListener(press, () => (isPressed = true), true);
addEventListener('blur', (event) => {
  if (event.target === window) isPressed = false;
});

/** Moves the focus for somebody who is at work here; a frame does not take it from the page around it. */
export function focusOn(element: HTMLElement | null | undefined): void {
  if (isPressed || document.hasFocus()) element?.focus({ preventScroll: true });
}
