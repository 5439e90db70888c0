import type { Tool } from "@modelcontextprotocol/client";
import type { ToolOutcome } from "../../engine/ports/tools.ts";
import type { Clock, Log } from "../../engine/ports.ts";
import type { Call, Connection } from "./connection.ts";
import type { ResolvedServer } from "./resolve-server.ts";
import { until } from "./until.ts";

export type SlotOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** Station's own version, told to servers. */
  readonly version: string;
  /** A connection that nobody has used for so long is closed. */
  readonly idleMs: number;
  /** The first pause after a failure; it doubles up to `maxPauseMs`. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
};

/** How a server is, as far as this process knows. */
export type Health = {
  readonly state: "idle" | "connecting" | "ready" | "failing";
  /** Why it failed last; shows no secret. */
  readonly error: string | null;
  /** When it is tried again at the earliest. */
  readonly retryAt: number | null;
  readonly inFlight: number;
  /** How often it ended without being asked to. */
  readonly crashes: number;
  readonly protocol: string | null;
  /** Its tools as they were listed last; `null` when they were not, or have changed. */
  readonly tools: readonly Tool[] | null;
};

/** The server cannot be reached now. */
class ServerUnavailable extends Error {
  override readonly name = "ServerUnavailable";
}

/** The one connection to one server: made when it is needed, shared by all who ask, and made again when it is lost. */
export class Slot {
  readonly server: ResolvedServer;
  readonly #options: SlotOptions;
  readonly #closing = new Set<Promise<void>>();
  /** How many calls each connection has under way. */
  readonly #calls = new Map<Connection, number>();
  /** Connections that nobody gets any more, and that close behind their last call. */
  readonly #leaving = new Set<Connection>();
  readonly #end = new AbortController();
  #connection: Connection | null = null;
  #connecting: Promise<Connection> | null = null;
  #listing: Promise<readonly Tool[]> | null = null;
  #tools: readonly Tool[] | null = null;
  #idle: NodeJS.Timeout | null = null;
  #inFlight = 0;
  #failures = 0;
  #retryAt = 0;
  #error: string | null = null;
  #crashes = 0;
  #isRetired = false;
  /** It has answered a call since it was connected: a crash is then no reason to wait. */
  #hasServed = false;

  constructor(server: ResolvedServer, options: SlotOptions) {
    this.server = server;
    this.#options = options;
  }

  health(): Health {
    return {
      state: this.#connection
        ? "ready"
        : this.#connecting
          ? "connecting"
          : this.#error !== null
            ? "failing"
            : "idle",
      error: this.#connection ? null : this.#error,
      retryAt: !this.#connection && this.#waitMs() > 0 ? this.#retryAt : null,
      inFlight: this.#inFlight,
      crashes: this.#crashes,
      protocol: this.#connection?.about.protocol ?? null,
      tools: this.#tools,
    };
  }

  /** The server's tools; rejects with `ServerUnavailable`, or with the signal's reason. */
  async tools(signal: AbortSignal): Promise<readonly Tool[]> {
    return this.#busy(async () => this.#list(await this.#connected(signal), signal));
  }

  /** Calls a tool by its own name. A connection that the server has forgotten is made anew, once. */
  async call(name: string, call: Call): Promise<ToolOutcome> {
    return this.#busy(async () => {
      for (let attempt = 1; ; attempt++) {
        const ready = await this.#ready(name, call.signal);
        if ("status" in ready) return ready;
        const { connection, tool } = ready;
        const called = await this.#calling(connection, () => connection.call(tool, call));
        if (called.status === "session-lost") {
          this.#drop(connection);
          if (attempt === 1) continue;
          return this.#notSent("it keeps forgetting its sessions");
        }
        if (called.status === "answered") {
          this.#hasServed = true;
          this.#failures = 0;
        } else if (called.status === "not-sent") this.#drop(connection);
        else if (!call.signal.aborted) void this.#suspect(connection);
        return called;
      }
    });
  }

  /** Closes the connection once nobody uses it any more: the configuration names another server now. */
  retire(): void {
    this.#isRetired = true;
    if (this.#inFlight === 0) void this.close();
  }

  /** Ends everything; whoever waits is told. Resolves when no process is left. */
  async close(): Promise<void> {
    this.#end.abort(new ServerUnavailable("Station is stopping"));
    if (this.#idle) clearTimeout(this.#idle);
    if (this.#connection) this.#drop(this.#connection);
    for (const connection of this.#leaving) this.#close(connection);
    await this.#connecting?.catch(() => {});
    await Promise.all(this.#closing);
  }

  get isClosed(): boolean {
    return this.#end.signal.aborted && this.#closing.size === 0;
  }

  async #ready(
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly connection: Connection; readonly tool: Tool } | ToolOutcome> {
    try {
      const connection = await this.#connected(signal);
      const tool = (await this.#list(connection, signal)).find((one) => one.name === name);
      if (tool) return { connection, tool };
      const reason = `MCP server "${this.server.name}" has no tool "${name}" (any more)`;
      return { status: "not-sent", code: "tool_not_found", reason, retryable: false };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return signal.aborted
        ? { ...this.#notSent("the call was cancelled before it was sent"), retryable: false }
        : this.#notSent(reason);
    }
  }

  #notSent(reason: string): Extract<ToolOutcome, { status: "not-sent" }> {
    const message = `MCP server "${this.server.name}" is not available: ${reason}`;
    return { status: "not-sent", code: "mcp_unavailable", reason: message, retryable: true };
  }

  async #connected(signal: AbortSignal): Promise<Connection> {
    if (this.#end.signal.aborted) throw this.#end.signal.reason;
    if (this.#connection) return this.#connection;
    const waitMs = this.#waitMs();
    if (!this.#connecting && waitMs > 0)
      throw new ServerUnavailable(`${this.#error}; tried again in ${Math.ceil(waitMs / 1000)} s`);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return until(this.#connecting, signal);
  }

  async #connect(): Promise<Connection> {
    const { clock, log, version } = this.#options;
    const startedAt = clock.now();
    let connection: Connection | null = null;
    try {
      // The SDK takes a fifth of a second to load: only who needs a server waits for it.
      const { connect } = await import("./connection.ts");
      connection = await connect(
        this.server,
        {
          onListChanged: () => this.#forgetTools(),
          onClose: (reason) => this.#crashed(connection, reason),
        },
        { version, signal: this.#end.signal },
      );
      if (this.#end.signal.aborted) {
        await connection.close();
        throw this.#end.signal.reason;
      }
      this.#connection = connection;
      this.#hasServed = false;
      const { protocol } = connection.about;
      log.info("mcp server connected", { ...this.#facts(), protocol, duration_ms: clock.now() - startedAt });
      return connection;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#end.signal.aborted) {
        this.#failed(reason);
        log.warn("mcp server not connected", { ...this.#facts(), error: reason, failures: this.#failures });
      }
      throw new ServerUnavailable(reason);
    }
  }

  #list(connection: Connection, signal: AbortSignal): Promise<readonly Tool[]> {
    if (this.#listing) return until(this.#listing, signal);
    const listing = connection.listTools(this.#end.signal);
    this.#listing = listing;
    listing.then(
      (tools) => {
        if (this.#listing === listing) this.#tools = tools;
      },
      (error: unknown) => {
        if (this.#listing !== listing) return;
        this.#forgetTools();
        this.#failed(error instanceof Error ? error.message : String(error));
        this.#drop(connection);
      },
    );
    return until(listing, signal);
  }

  #forgetTools(): void {
    this.#listing = null;
    this.#tools = null;
  }

  /** How long it is still left alone. A clock that was put back says more than it ever is: then not at all. */
  #waitMs(): number {
    const { clock, maxPauseMs } = this.#options;
    const left = this.#retryAt - clock.now();
    return left > 0 && left <= maxPauseMs ? left : 0;
  }

  #failed(reason: string): void {
    const { clock, pauseMs, maxPauseMs } = this.#options;
    this.#error = reason;
    this.#retryAt = clock.now() + Math.min(pauseMs * 2 ** this.#failures, maxPauseMs);
    this.#failures++;
  }

  #crashed(connection: Connection | null, reason: string): void {
    if (connection === null || this.#connection !== connection) return;
    this.#connection = null;
    this.#forgetTools();
    this.#crashes++;
    if (this.#hasServed) {
      this.#error = reason;
      this.#retryAt = 0;
    } else this.#failed(reason);
    this.#options.log.warn("mcp server ended", { ...this.#facts(), error: reason, crashes: this.#crashes });
    this.#drop(connection);
  }

  /** A server that let a call run out of time, and does not even answer a ping, hangs: the next call gets another. */
  async #suspect(connection: Connection): Promise<void> {
    if (this.#inFlight > 1 || this.#connection !== connection || (await connection.isAlive())) return;
    if (this.#connection !== connection || this.#inFlight > 0) return;
    this.#crashes++;
    this.#options.log.warn("mcp server hangs", this.#facts());
    this.#drop(connection);
  }

  /** Nobody gets this connection any more; calls that are under way are waited for. */
  #drop(connection: Connection): void {
    if (this.#connection === connection) {
      this.#connection = null;
      this.#forgetTools();
    }
    if (this.#calls.has(connection) && !this.#end.signal.aborted) this.#leaving.add(connection);
    else this.#close(connection);
  }

  async #calling<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
    this.#calls.set(connection, (this.#calls.get(connection) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#calls.get(connection) ?? 1) - 1;
      if (left > 0) this.#calls.set(connection, left);
      else {
        this.#calls.delete(connection);
        if (this.#leaving.has(connection)) this.#close(connection);
      }
    }
  }

  #close(connection: Connection): void {
    this.#leaving.delete(connection);
    const closing = connection.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    this.#inFlight++;
    if (this.#idle) clearTimeout(this.#idle);
    try {
      return await work();
    } finally {
      this.#inFlight--;
      if (this.#inFlight === 0) this.#rest();
    }
  }

  #rest(): void {
    if (this.#isRetired) {
      void this.close();
      return;
    }
    this.#idle = setTimeout(() => {
      if (this.#inFlight === 0 && this.#connection) this.#drop(this.#connection);
    }, this.#options.idleMs);
    this.#idle.unref();
  }

  #facts() {
    return { environment: this.server.environment, server: this.server.name };
  }
}
