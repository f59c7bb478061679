/**
 * JSON between two copies of the request's id, for everything long that Lua holds: LuaJIT makes every string unique and hashes only four
 * bytes at its start, at its end and around its quarter and its middle (lj_str.c, `hash_sparse`). The JSON of two requests mostly
 * differs elsewhere, and comparing it byte by byte with all that collide took a third of Kong's time (perf, 16 connections).
 */
export const frameText = (requestId: string, value: unknown): string => JSON.stringify([requestId, value, requestId]);

/** What `frameText`, or mcp-guard's `framed.lua`, put between the ids. */
export const readFramed = (text: string): unknown => {
  const parts: unknown = JSON.parse(text);
  return Array.isArray(parts) ? (parts as readonly unknown[])[1] : undefined;
};
