import type { HoodResponse } from "./integrations.js";
import type { IntegrationType, View } from "./types.js";

/** Filters of any list. */
export interface PageFilters {
  /** Number of items on a page, at most 9,999; the server may return fewer. Default: 100. */
  page_size?: number | undefined;
}

/** Filters of a list of integrations, with the API's names. */
export interface IntegrationFilters extends PageFilters {
  /** Only integrations that send this type of message. */
  type?: IntegrationType | undefined;
  /**
   * Only integrations with this provider. The API does not document this filter: the client filters the items itself,
   * but a `total`, and a single {@link List.page}, may include others.
   */
  provider_id?: string | undefined;
  /** Only integrations with this text in one of the `q_fields`. How the server compares is not documented. */
  q?: string | undefined;
  /** The fields to search, as `["name"]` or `"name"`. */
  q_fields?: string | readonly string[] | undefined;
  /** The fields to sort by, descending with a minus, as `["name", "-id"]` or `"name,-id"`. Default: `id`. */
  sort?: string | readonly string[] | undefined;
  /**
   * The only fields to return, as `["id", "name"]` or `"id,name"`. The id is always included, and so is `provider_id` if
   * it is a filter.
   */
  fields?: string | readonly string[] | undefined;
  /** How much of each item to return, if there are no `fields`. */
  view?: View | undefined;
}

/** An item with only the requested fields. */
export type PartOf<Item extends { id: string }> = Item extends unknown ? Pick<Item, "id"> & Partial<Item> : never;

/** One page of a list. */
export interface Page<Item> {
  /** Number of items on all pages, if the server returned it. */
  total: number | null;
  /** The items of this page. */
  items: Item[];
}

/**
 * A list. It sends no request before its items or pages are needed, and each `for await` reads it from the beginning.
 *
 * Each item is returned once, even if the list changes meanwhile: new integrations come last in the default order, and
 * if items moved between pages that were already read, those pages are read again for the missing ones. A page is
 * requested when its first item is needed, and none after a `break`. The call's options apply to each page; once its
 * `maxRetries` are used up, an error ends the iteration.
 *
 * @example
 * for await (const integration of client.integrations.list({ type: "sms" })) {
 *   if (integration.name === "Example") break;
 * }
 */
export interface List<Item> extends AsyncIterable<Item> {
  [Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined>;
  /**
   * Returns all items.
   *
   * @example
   * const all = await client.integrations.list().all();
   */
  all(): Promise<Item[]>;
  /**
   * Returns one page, counted from 1.
   *
   * @example
   * const { total, items } = await client.integrations.list({ page_size: 20 }).page(1);
   *
   * @throws {@link ValidationError} if the number or a filter is invalid.
   */
  page(number: number): Promise<Page<Item>>;
  /**
   * The same pages, with the status, headers and trace ID of their responses.
   *
   * @example
   * const { value, status } = await client.integrations.list().withResponse.page(1);
   */
  readonly withResponse: { page(number: number): Promise<HoodResponse<Page<Item>>> };
}
