/** A finished span, ready to be sent. Times are milliseconds since 1970. */
export type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly startAt: number;
  readonly endAt: number;
  /** `unset`: neither a success nor a failure, such as what was cancelled. */
  readonly status: "ok" | "error" | "unset";
  /** Why, when the status is `error`. */
  readonly message: string | null;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
};

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that happened at one moment within a span. */
export type SpanEvent = { readonly name: string; readonly at: number; readonly attributes: Attributes };
