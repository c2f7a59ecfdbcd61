import type { HoodResponse } from "./integrations.js";
import type { IntegrationType, View } from "./types.js";

/** What a list may be asked for. */
export interface PageFilters {
  /** How many items a page has, at most 9,999; the server may give fewer. Default: 100. */
  page_size?: number | undefined;
}

/** Which integrations are listed, and how. The names are those of the API. */
export interface IntegrationFilters extends PageFilters {
  /** Only those that send this. */
  type?: IntegrationType | undefined;
  /**
   * Only those of this provider. The server is not documented to know this filter: here it holds all the same, but a
   * `total`, and a single {@link List.page}, may have others.
   */
  provider_id?: string | undefined;
  /** Only those with this text in one of `q_fields`. How the server compares is not documented. */
  q?: string | undefined;
  /** The fields to search, as `["name"]` or `"name"`. */
  q_fields?: string | readonly string[] | undefined;
  /** The fields to sort by, a minus for the reverse, as `["name", "-id"]` or `"name,-id"`. Default: `id`. */
  sort?: string | readonly string[] | undefined;
  /**
   * The only fields that the items have, as `["id", "name"]` or `"id,name"`. The id is always among them, and where only one
   * provider is wanted, `provider_id`.
   */
  fields?: string | readonly string[] | undefined;
  /** How much of each item is told, where no fields are named. */
  view?: View | undefined;
}

/** An item of which only some fields were asked for. */
export type PartOf<Item extends { id: string }> = Item extends unknown ? Pick<Item, "id"> & Partial<Item> : never;

/** One page of a list. */
export interface Page<Item> {
  /** How many items all pages have together, where the server told. */
  total: number | null;
  /** The items of this page. */
  items: Item[];
}

/**
 * A list, of which nothing is asked for before its items or pages are. Each `for await` reads it anew.
 *
 * Items come each once, though the list may change meanwhile: what is created comes last, in the order that is the
 * default. Where items have moved between pages while they were read, the pages are read again for those that were
 * missed. A page is asked for when its first item is; after a `break` no more are. The options are for each page, and
 * its `maxRetries` are all that is retried: an error ends the reading.
 *
 * @example
 * for await (const integration of client.integrations.list({ type: "sms" })) {
 *   if (integration.name === "Example") break;
 * }
 */
export interface List<Item> extends AsyncIterable<Item> {
  [Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined>;
  /**
   * All items at once.
   *
   * @example
   * const all = await client.integrations.list().all();
   */
  all(): Promise<Item[]>;
  /**
   * One page, the first being 1.
   *
   * @example
   * const { total, items } = await client.integrations.list({ page_size: 20 }).page(1);
   *
   * @throws {@link ValidationError} There is no such page, as 0, or a filter cannot be.
   */
  page(number: number): Promise<Page<Item>>;
  /**
   * The same pages, each of which resolves to its result with the status, headers and trace ID of its response.
   *
   * @example
   * const { value, status } = await client.integrations.list().withResponse.page(1);
   */
  readonly withResponse: { page(number: number): Promise<HoodResponse<Page<Item>>> };
}
