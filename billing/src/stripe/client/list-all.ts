/** Objects a page; Stripe's most. */
export const PAGE_SIZE = 100;

/** A list that is longer is a mistake of ours or another's account: no job may run away with it. */
const MAX_LISTED = 200_000;

/** Every object of a list, page after page. */
export const listAll = async <Item>(
  pages: AsyncIterable<Item>,
  keep: (item: Item) => boolean = () => true,
): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let seen = 0;
  for await (const item of pages) {
    if (++seen > MAX_LISTED) throw new Error(`The provider lists more than ${MAX_LISTED} objects.`);
    if (keep(item)) items.push(item);
  }
  return items;
};
