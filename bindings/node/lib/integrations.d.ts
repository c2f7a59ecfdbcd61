import type { HoodError } from "./errors.js";
import type { Secret } from "./index.js";
import type {
  Integration,
  IntegrationType,
  NewIntegrationOf,
  ProviderDescription,
  ProviderId,
  UnknownProviderId,
  UpdateIntegrationOf,
  UpdateWithoutSettings,
  View,
} from "./types.js";

/** Options of one call. They override those of the client. */
export interface CallOptions {
  /** Aborts the call and its HTTP request: the call then fails with an {@link AbortError}. */
  signal?: AbortSignal | undefined;
  /**
   * Maximum duration of a call until the last byte of its response, in milliseconds, including retries and waits for the
   * rate limit. Default: the client's, or 120,000.
   */
  timeout?: number | undefined;
  /** Maximum duration of making a connection, within the timeout, in milliseconds. Default: the client's, or 10,000. */
  connectTimeout?: number | undefined;
  /**
   * Maximum number of retries of a call. Only requests that cannot have taken effect are retried: never sent, answered
   * with 429, or read-only. Default: the client's, or 3.
   */
  maxRetries?: number | undefined;
  /**
   * Headers in addition to the client's, such as `traceparent` or the key of a gateway: an object, `Headers`, or pairs. The client
   * sets `authorization` and similar headers itself.
   */
  headers?: Readonly<Record<string, string | Secret>> | Iterable<readonly [string, string | Secret]> | undefined;
}

/** Options of a call that searches for a create with an unknown outcome. */
export interface ReconcileOptions extends CallOptions {
  /**
   * How long to search for the integration after an unknown outcome, in milliseconds: the server may still be working on
   * the create. Default: 10,000.
   */
  reconcileTimeout?: number | undefined;
}

/** The result of a call, with its response. */
export interface HoodResponse<Value> {
  /** The result. */
  value: Value;
  /** The HTTP status. */
  status: number;
  /** The headers, with names in lower case. */
  headers: { [name: string]: string };
  /** Request ID to quote to the vendor's support, if the server sent one. None is documented for a success. */
  trace_id: string | null;
}

/** The result of {@link Integrations.ensure}. */
export interface Ensured<Id extends ProviderId | UnknownProviderId = ProviderId | UnknownProviderId> {
  /** The integration in its current state. */
  integration: Integration<Id>;
  /** `created`: none existed; `adopted`: one existed and matched the request; `updated`: one existed and differed. */
  action: "created" | "adopted" | "updated";
}

/** A result, or with the response a {@link HoodResponse}. */
export type CallResult<Value, WithResponse extends boolean> = WithResponse extends true ? HoodResponse<Value> : Value;

/**
 * The calls of {@link Integrations} that return a promise: it resolves to the result, or with the response to a
 * {@link HoodResponse}, and is rejected with a subclass of {@link HoodError}.
 */
export interface IntegrationCalls<WithResponse extends boolean> {
  /**
   * Creates an integration.
   *
   * **Not idempotent**: the request is retried only if it cannot have taken effect, and an error's
   * {@link HoodError.outcome} tells whether it did. {@link ensure} can be repeated safely.
   *
   * @example
   * const integration = await client.integrations.create({
   *   name: "Example",
   *   provider_id: "1004",
   *   settings: { api_key: "AScs8XXX", sender_name: "Example" },
   *   status: "active",
   * });
   */
  create<const Id extends ProviderId | UnknownProviderId>(request: NewIntegrationOf<Id>, options?: CallOptions): Promise<CallResult<Integration<Id>, WithResponse>>;

  /**
   * Validates a request's credentials with the provider, and creates nothing.
   *
   * @example
   * await client.integrations.validate(request);
   *
   * @throws {@link BadRequestError} is expected if the provider rejects them; the actual error is not documented.
   */
  validate<const Id extends ProviderId | UnknownProviderId>(request: NewIntegrationOf<Id>, options?: CallOptions): Promise<CallResult<void, WithResponse>>;

  /**
   * Ensures that an integration with this name and provider exists and matches the request: creates it, adopts a matching
   * one, or updates what differs.
   *
   * It can be repeated after any outcome. After an unknown outcome it searches before it creates again, and waits for a
   * server that may still be working ({@link ReconcileOptions.reconcileTimeout}). Calls for one name and provider wait for
   * each other: those of this user on this machine, or, if the rate limit is in Redis, of all machines.
   *
   * @example
   * const { integration, action } = await client.integrations.ensure(request);
   *
   * @throws {@link DuplicateError} if several integrations have this name and provider.
   */
  ensure<const Id extends ProviderId | UnknownProviderId>(request: NewIntegrationOf<Id>, options?: ReconcileOptions): Promise<CallResult<Ensured<Id>, WithResponse>>;

  /**
   * Checks whether a create, or an ensure, that failed with this error took effect after all: for an error whose
   * {@link HoodError.outcome} is `unknown` or `applied`.
   *
   * Returns the integration with its name and provider that did not exist before, or `null` if there is none within
   * {@link ReconcileOptions.reconcileTimeout}.
   *
   * @example
   * try {
   *   await client.integrations.create(request);
   * } catch (error) {
   *   if (!(error instanceof HoodError) || error.outcome !== "unknown") throw error;
   *   const integration = await client.integrations.findCreated(error);
   *   if (!integration) throw error;
   * }
   *
   * @throws {@link ValidationError} for any other error; {@link DuplicateError} if several integrations match;
   * {@link OutcomeUnknownError} if nothing shows whether the matches are older, since the machine slept.
   */
  findCreated(error: HoodError, options?: ReconcileOptions): Promise<CallResult<Integration | null, WithResponse>>;

  /**
   * Returns the integration with this id, with all fields.
   *
   * @example
   * const { effective_status } = await client.integrations.get("1165");
   *
   * @throws {@link NotFoundError} if it does not exist; {@link ValidationError} if the id is malformed.
   */
  get(id: string, options?: CallOptions): Promise<CallResult<Integration, WithResponse>>;

  /**
   * Changes the given fields and settings, and keeps the others.
   *
   * `provider_id` is not sent: settings are checked against it. It must be the integration's provider, since the server
   * drops settings that its provider does not have. A setting of `null` is sent as `null`; an omitted one is not sent. Like
   * a create, an update is never retried blindly: others may have changed the integration in between.
   *
   * @example
   * await client.integrations.update("1165", { name: "Another name" });
   * await client.integrations.update("1165", { provider_id: "1004", settings: { sender_name: "Another" } });
   *
   * @throws {@link ValidationError} if the update changes nothing; {@link NotFoundError}.
   */
  update<const Id extends ProviderId | UnknownProviderId>(
    id: string,
    update: UpdateWithoutSettings | UpdateIntegrationOf<Id>,
    options?: CallOptions,
  ): Promise<CallResult<void, WithResponse>>;

  /**
   * Sends a test message through an existing integration, by its id, or through one that is not created yet. The API does
   * not fully document the body: it is `{"integration": {"id": …}}`, or the request in place of the id.
   *
   * @example
   * await client.integrations.sendTest("1165");
   */
  sendTest<const Id extends ProviderId | UnknownProviderId>(integration: string | NewIntegrationOf<Id>, options?: CallOptions): Promise<CallResult<void, WithResponse>>;
}

/** The integrations of an account: {@link Client.integrations}. */
export interface Integrations extends IntegrationCalls<false> {
  /**
   * The same calls, each of which resolves to its result with the status, headers and trace ID of its response.
   *
   * @example
   * const { value, status, headers, trace_id } = await client.integrations.withResponse.get("1165");
   */
  readonly withResponse: IntegrationCalls<true>;

  /**
   * Lists integrations, page by page as they are needed.
   *
   * @example
   * for await (const { id, name } of client.integrations.list({ type: "sms" })) console.log(id, name);
   */
  list(filters?: IntegrationFilters & { fields?: undefined }, options?: CallOptions): List<Integration>;
  /** Lists integrations with only some of their fields. */
  list(filters: IntegrationFilters, options?: CallOptions): List<PartOf<Integration>>;
}

/** The providers, as the server describes them: {@link Client.providers}. */
export interface Providers {
  /**
   * Lists all providers, page by page as they are needed.
   *
   * @example
   * for await (const { id, name } of client.providers.list()) console.log(id, name);
   */
  list(filters?: PageFilters, options?: CallOptions): List<ProviderDescription>;
}

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
  /** The fields to search, such as `["name"]` or `"name"`. */
  q_fields?: string | readonly string[] | undefined;
  /** The fields to sort by, descending with a minus, such as `["name", "-id"]` or `"name,-id"`. Default: `id`. */
  sort?: string | readonly string[] | undefined;
  /**
   * The only fields to return, such as `["id", "name"]` or `"id,name"`. The id is always included, and so is `provider_id` if
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
