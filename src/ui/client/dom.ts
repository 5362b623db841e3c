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

export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
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
  items.forEach((item, index) => {
    const id = key(item);
    let element = known.get(id);
    if (!element) {
      element = create(item);
      element.setAttribute('data-key', id);
    }
    known.delete(id);
    update(element, item);
    const there = parent.children[index];
    if (there !== element) parent.insertBefore(element, there ?? null);
  });
  for (const element of known.values()) element.remove();
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
