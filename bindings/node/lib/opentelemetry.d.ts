import type { MeterProvider, TracerProvider } from "@opentelemetry/api";

/** Options of a {@link HoodInstrumentation}. */
export interface HoodInstrumentationConfig {
  /** Whether to start at once. Default: true. */
  enabled?: boolean;
}

/**
 * Spans and metrics of OpenTelemetry, for `registerInstrumentations` and `NodeSDK`. It needs the package
 * `@opentelemetry/api`, and without a provider uses the global one.
 *
 * Each call has a span, such as `ocamba_hood.create`, below the current one; below it, each HTTP request has one by the conventions
 * for HTTP clients, such as `POST /v1/hood/integrations`. The headers of the requests, such as `traceparent`, name the call's
 * span. The metric is `http.client.request.duration`. None of them has a body or a secret.
 *
 * @example
 * registerInstrumentations({ instrumentations: [new HoodInstrumentation()] });
 */
export class HoodInstrumentation {
  constructor(config?: HoodInstrumentationConfig);
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  /** Starts making spans. */
  enable(): void;
  /** Stops making spans. */
  disable(): void;
  /** Sets who receives the spans. Default: the global provider. */
  setTracerProvider(provider: TracerProvider): void;
  /** Sets who receives the metrics. Default: the global provider. */
  setMeterProvider(provider: MeterProvider): void;
  setConfig(config?: HoodInstrumentationConfig): void;
  getConfig(): HoodInstrumentationConfig;
}
