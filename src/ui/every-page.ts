/** All items of a list, however many pages they take. */
export async function everyPage<Item>(
  page: (cursor: { readonly cursor?: string }) => Promise<{
    readonly items: readonly Item[];
    readonly nextCursor: string | null;
  }>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const { items: more, nextCursor }: Awaited<ReturnType<typeof page>> = await page(
      cursor === null ? {} : { cursor },
    );
    items.push(...more);
    cursor = nextCursor;
  } while (cursor !== null);
  return items;
}
