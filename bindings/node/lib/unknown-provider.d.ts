import type { ProviderDescription, ProviderId, Status } from "./types.js";

// Without it, everything below would be exported.
export {};

declare const unknown: unique symbol;

/** An update with settings of a provider that this version does not know: from {@link unknownProvider}. */
export interface UnknownProviderUpdate {
  readonly [unknown]: "update" | "create";
}

/** A create with a provider that this version need not know: {@link unknownProvider}, {@link describedProvider}. */
export interface UnknownProviderIntegration extends UnknownProviderUpdate {
  readonly [unknown]: "create";
}

/** What {@link unknownProvider} takes for a create. */
export interface UnknownProviderFields<Id extends string> {
  /** How the integration is called, 1 to 100 characters. */
  name: string;
  /** The provider's id: none that this version knows, for those have types of their own. */
  provider_id: Id extends ProviderId ? never : Id;
  /** Its settings, unchecked. */
  settings: { [name: string]: unknown } | null;
  /** Whether it is in use; left to the server where it is left out. */
  status?: Status | undefined;
}

/** What {@link unknownProvider} takes for an update. */
export interface UnknownProviderUpdateFields<Id extends string> {
  /** Another name, 1 to 100 characters. */
  name?: string | undefined;
  /** The provider's id, which is not sent: none that this version knows, for those have types of their own. */
  provider_id: Id extends ProviderId ? never : Id;
  /** The settings that change, unchecked. */
  settings: { [name: string]: unknown };
  /** Another status. */
  status?: Status | undefined;
}

/**
 * A create with a provider that this version does not know. It must be said, so that a slip of the pen is found.
 *
 * @example
 * await client.integrations.create(
 *   unknownProvider({ name: "Bot", provider_id: "2000", settings: { bot_token: "123:abc" } }),
 * );
 */
export function unknownProvider<const Id extends string>(request: UnknownProviderFields<Id>): UnknownProviderIntegration;
/**
 * An update with settings of a provider that this version does not know.
 *
 * @example
 * await client.integrations.update(
 *   "1165",
 *   unknownProvider({ provider_id: "2000", settings: { bot_token: "456:def" } }),
 * );
 */
export function unknownProvider<const Id extends string>(update: UnknownProviderUpdateFields<Id>): UnknownProviderUpdate;

/** What {@link describedProvider} takes: the provider's id comes from the description. */
export interface DescribedProviderFields {
  /** How the integration is called, 1 to 100 characters. */
  name: string;
  /** Its settings, which are checked against the description. */
  settings: { [name: string]: unknown };
  /** Whether it is in use; left to the server where it is left out. */
  status?: Status | undefined;
}

/**
 * A create with a provider that this version need not know: its settings are checked against the server's own
 * description, from {@link Providers.list}. What is required must be there, and nothing but what is described.
 *
 * @example
 * for await (const description of client.providers.list()) {
 *   if (description.name !== "Bot") continue;
 *   const request = describedProvider(description, { name: "My bot", settings: { bot_token: "123:abc" } });
 *   await client.integrations.create(request);
 * }
 *
 * @throws {@link ValidationError}, whose `field_errors` name each setting that is wrong.
 */
export function describedProvider(
  description: ProviderDescription,
  request: DescribedProviderFields,
): UnknownProviderIntegration;
