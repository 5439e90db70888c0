import { type Static, Type } from "typebox";
import { AnyObject, nullable, Time } from "./common.ts";
import { Finding } from "./workflows.ts";

const McpTool = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    inputSchema: AnyObject,
    readOnly: Type.Boolean({ description: "The server says that it changes nothing" }),
  },
  { title: "McpTool" },
);

/** An MCP server of an environment, as the process that answers sees it. Shows no argument, value or path. */
export const McpServer = Type.Object(
  {
    name: Type.String(),
    environment: Type.String(),
    file: Type.String(),
    description: nullable(Type.String()),
    transport: Type.Enum(["stdio", "http"]),
    target: Type.String({ description: "The program, or scheme and host" }),
    state: Type.Enum(["idle", "connecting", "ready", "failing", "unusable", "disabled"]),
    error: nullable(Type.String()),
    missing: Type.Array(Type.String(), { description: "Variables that are set nowhere" }),
    retryAt: nullable(Time),
    inFlight: Type.Integer(),
    crashes: Type.Integer({ description: "How often it ended by itself" }),
    protocol: nullable(Type.String()),
    tools: Type.Union([Type.Array(McpTool), Type.Null()], {
      description: "Null while they are not known: connections are made when they are needed",
    }),
  },
  { title: "McpServer" },
);
export type McpServer = Static<typeof McpServer>;

/** All servers, and what is wrong with their files. */
export const McpServerPage = Type.Object(
  {
    items: Type.Array(McpServer),
    nextCursor: nullable(Type.String()),
    problems: Type.Array(Type.Object({ file: Type.String(), ...Finding.properties })),
  },
  { title: "McpServerPage" },
);
