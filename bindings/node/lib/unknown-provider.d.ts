import type { NewIntegrationOf, ProviderDescription, ProviderId, Status, UnknownProviderId, UpdateIntegrationOf } from "./types.js";

// Without this line, everything below would be exported.
export {};

/** An update with settings of a provider that this version does not know: from {@link unknownProvider}. */
export type UnknownProviderUpdate = UpdateIntegrationOf<UnknownProviderId>;

/** A create with a provider that this version may not know: from {@link unknownProvider} or {@link describedProvider}. */
export type UnknownProviderIntegration = NewIntegrationOf<UnknownProviderId>;

/** The fields of a create for {@link describedProvider}. The provider's id comes from the description. */
export interface DescribedProviderFields {
  /** The integration's name, 1 to 100 characters. */
  name: string;
  /** The provider's settings, which are checked against the description. */
  settings: { [name: string]: unknown };
  /** The integration's status. Default: the server's. */
  status?: Status | undefined;
}

/** The fields of a create for {@link unknownProvider}. */
export interface UnknownProviderFields<Id extends string> extends Pick<DescribedProviderFields, "name" | "status"> {
  /** The provider's id. The providers that this version knows have their own types. */
  provider_id: Id extends ProviderId ? never : Id;
  /** The provider's settings, unchecked. */
  settings: { [name: string]: unknown } | null;
}

/** The fields of an update for {@link unknownProvider}. */
export interface UnknownProviderUpdateFields<Id extends string> {
  /** The new name, 1 to 100 characters. */
  name?: string | undefined;
  /** The provider's id, which is not sent. The providers that this version knows have their own types. */
  provider_id: Id extends ProviderId ? never : Id;
  /** The changed settings, unchecked. */
  settings: { [name: string]: unknown };
  /** The new status. */
  status?: Status | undefined;
}

/**
 * Makes a create with a provider that this version does not know: explicit, so that typos are found.
 *
 * @example
 * await client.integrations.create(
 *   unknownProvider({ name: "Bot", provider_id: "2000", settings: { bot_token: "123:abc" } }),
 * );
 */
export function unknownProvider<const Id extends string>(request: UnknownProviderFields<Id>): UnknownProviderIntegration;
/**
 * Makes an update with settings of a provider that this version does not know.
 *
 * @example
 * await client.integrations.update(
 *   "1165",
 *   unknownProvider({ provider_id: "2000", settings: { bot_token: "456:def" } }),
 * );
 */
export function unknownProvider<const Id extends string>(update: UnknownProviderUpdateFields<Id>): UnknownProviderUpdate;

/**
 * Makes a create with a provider that this version may not know, and checks its settings against the server's
 * description, from {@link Providers.list}: required settings must be present, and others must be described.
 *
 * @example
 * for await (const description of client.providers.list()) {
 *   if (description.name !== "Bot") continue;
 *   const request = describedProvider(description, { name: "My bot", settings: { bot_token: "123:abc" } });
 *   await client.integrations.create(request);
 * }
 *
 * @throws {@link ValidationError} whose `field_errors` name each invalid setting.
 */
export function describedProvider(
  description: ProviderDescription,
  request: DescribedProviderFields,
): UnknownProviderIntegration;
