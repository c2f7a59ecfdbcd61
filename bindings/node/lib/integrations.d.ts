import type { HoodError } from "./errors.js";
import type { IntegrationFilters, List, PageFilters, PartOf } from "./list.js";
import type { Integration, NewIntegration, ProviderDescription, UpdateIntegration } from "./types.js";
import type { UnknownProviderIntegration, UnknownProviderUpdate } from "./unknown-provider.js";

/** What can be said of one call. */
export interface CallOptions {
  /** Stops the call, and with it the request on the wire: it then fails with an {@link AbortError}. */
  signal?: AbortSignal | undefined;
  /** How long this call may take, retries and waits included, in milliseconds, in place of the client's timeout. */
  timeout?: number | undefined;
  /** How long making a connection may take for this call, in milliseconds, in place of the client's. */
  connectTimeout?: number | undefined;
  /** How often this call may be sent again, in place of the client's number. */
  maxRetries?: number | undefined;
}

/** Options of a call that searches for a create with an unknown outcome. */
export interface ReconcileOptions extends CallOptions {
  /**
   * How long the integration is searched for after an unknown outcome, in milliseconds: the server may still be working
   * on the create. Default: 10,000.
   */
  reconcileTimeout?: number | undefined;
}

/** A result with what came beside it. */
export interface HoodResponse<Value> {
  /** The result. */
  value: Value;
  /** The HTTP status. */
  status: number;
  /** The headers, with names in lower case. */
  headers: { [name: string]: string };
  /** Names the answer to the vendor's support, where the server sent one. None is documented for a success. */
  trace_id: string | null;
}

/** What {@link Integrations.ensure} has made of it. */
export interface Ensured {
  /** The integration as it is now. */
  integration: Integration;
  /** There was none; there was one, just as asked for; or there was one that differed. */
  action: "created" | "adopted" | "updated";
}

/** The calls of a resource, each of which resolves to its result together with its response. */
export type WithResponse<Resource> = {
  readonly [Call in keyof Resource as Resource[Call] extends (...args: never) => Promise<unknown>
    ? Call
    : never]: Resource[Call] extends (...args: infer Args) => Promise<infer Value>
    ? (...args: Args) => Promise<HoodResponse<Value>>
    : never;
};

/**
 * The integrations of an account: {@link Client.integrations}.
 *
 * A promise is rejected with a {@link HoodError}, or rather one of the classes below it.
 */
export interface Integrations {
  /**
   * The same calls, each of which resolves to its result with the status, headers and trace ID of its response.
   *
   * @example
   * const { value, status, headers, trace_id } = await client.integrations.withResponse.get("1165");
   */
  readonly withResponse: WithResponse<Integrations>;

  /**
   * Creates an integration.
   *
   * **Not idempotent**: it is sent again only if it cannot have been carried out, and an error's
   * {@link HoodError.outcome} says what became of it. {@link ensure} is the call that may be made twice.
   *
   * @example
   * const integration = await client.integrations.create({
   *   name: "Example",
   *   provider_id: "1004",
   *   settings: { api_key: "AScs8XXX", sender_name: "Example" },
   *   status: "active",
   * });
   */
  create(request: NewIntegration | UnknownProviderIntegration, options?: CallOptions): Promise<Integration>;

  /**
   * Checks a request's credentials with the provider, and creates nothing.
   *
   * @example
   * await client.integrations.validate({
   *   name: "Example",
   *   provider_id: "1004",
   *   settings: { api_key: "AScs8XXX", sender_name: "Example" },
   * });
   *
   * @throws {@link BadRequestError} is expected where the provider refuses; which it is, is not documented.
   */
  validate(request: NewIntegration | UnknownProviderIntegration, options?: CallOptions): Promise<void>;

  /**
   * Has an integration be as it is asked for: creates it, or adopts the one that is there under this name and provider,
   * or updates what differs of it.
   *
   * It can be called again, whatever became of the last time. After an unknown outcome it looks before it creates again,
   * and waits for a server that may still be at it ({@link ReconcileOptions.reconcileTimeout}). Calls for one name and provider wait
   * for each other: those of this user on this machine, and where the lane is in Redis, of all machines.
   *
   * @example
   * const { integration, action } = await client.integrations.ensure({
   *   name: "Example",
   *   provider_id: "1004",
   *   settings: { api_key: "AScs8XXX", sender_name: "Example" },
   * });
   *
   * @throws {@link DuplicateError} Several have this name and provider already.
   */
  ensure(request: NewIntegration | UnknownProviderIntegration, options?: ReconcileOptions): Promise<Ensured>;

  /**
   * Looks whether a create, or an ensure, came to be that failed with this error: where its {@link HoodError.outcome} is
   * `unknown` or `applied`.
   *
   * Found is what has its name and provider, and was not there before. `null`: it did not come to be, or not within
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
   * @throws {@link ValidationError} The error is none of those; {@link DuplicateError} where several could be it.
   */
  findCreated(error: HoodError, options?: ReconcileOptions): Promise<Integration | null>;

  /**
   * The integration with this id, in full.
   *
   * @example
   * const { effective_status } = await client.integrations.get("1165");
   *
   * @throws {@link NotFoundError} There is none; {@link ValidationError} where no id looks like this.
   */
  get(id: string, options?: CallOptions): Promise<Integration>;

  /**
   * Changes what is given, and leaves the rest as it is.
   *
   * Settings are checked by `provider_id`, which is not sent: it must be the integration's own, since the server drops
   * settings that its provider does not have. A setting that is `null` is sent as `null`; one that is left out is not
   * sent. Sent once, as a create is: between two the integration may have been changed by others.
   *
   * @example
   * await client.integrations.update("1165", { name: "Another name" });
   * await client.integrations.update("1165", { provider_id: "1004", settings: { sender_name: "Another" } });
   *
   * @throws {@link ValidationError} for an update of nothing; {@link NotFoundError}.
   */
  update(id: string, update: UpdateIntegration | UnknownProviderUpdate, options?: CallOptions): Promise<void>;

  /**
   * The integrations, page by page as they are needed.
   *
   * @example
   * for await (const { id, name } of client.integrations.list({ type: "sms" })) console.log(id, name);
   */
  list(filters?: IntegrationFilters & { fields?: undefined }, options?: CallOptions): List<Integration>;
  /** As above, with some of the fields alone. */
  list(filters: IntegrationFilters, options?: CallOptions): List<PartOf<Integration>>;

  /**
   * Sends a test message through an integration: one that is there, by its id, or one that is not created yet. What the
   * server wants for it is not fully documented: it is sent `{"integration": {"id": …}}`, or the request.
   *
   * @example
   * await client.integrations.sendTest("1165");
   */
  sendTest(integration: string | NewIntegration | UnknownProviderIntegration, options?: CallOptions): Promise<void>;
}

/** The providers, in the server's own words: {@link Client.providers}. */
export interface Providers {
  /**
   * All providers, page by page as they are needed.
   *
   * @example
   * for await (const { id, name } of client.providers.list()) console.log(id, name);
   */
  list(filters?: PageFilters, options?: CallOptions): List<ProviderDescription>;
}
