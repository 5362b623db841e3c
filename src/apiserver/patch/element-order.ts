/** The order that a strategic merge patch asks for; elements it does not name keep their places relative to their neighbours. */
export function orderElements(items: any[], order: unknown[] | undefined, key: string | undefined): any[] {
  if (!order) return items;
  const id = (item: any): unknown => (key ? item?.[key] : item);
  const wanted = order.map((entry: any) => (key && typeof entry === 'object' && entry !== null ? entry[key] : entry));
  const position = new Map(wanted.map((value, i) => [value, i]));
  const named = items
    .filter((item) => position.has(id(item)))
    .sort((a, b) => position.get(id(a))! - position.get(id(b))!);
  const result: any[] = [];
  let next = 0;
  for (const item of items) {
    if (!position.has(id(item))) result.push(item);
    else result.push(named[next++]);
  }
  return result;
}
