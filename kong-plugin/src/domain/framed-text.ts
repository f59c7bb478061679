/**
 * JSON between two copies of the request's id. Everything long that Lua holds stands between them: LuaJIT makes every string unique and
 * hashes only four bytes at its start, at its end and around its quarter and its middle (lj_str.c, `hash_sparse`). The texts of two
 * requests mostly differ elsewhere, and comparing them byte by byte with all that collide took a third of Kong's time (perf, 16 connections).
 *
 * What every request needs is lines (`fact-lines.ts`, `verdict-text.ts`, `carried.ts`); JSON is for what is rare, a refusal's reply.
 */
export const frameText = (requestId: string, value: unknown): string => JSON.stringify([requestId, value, requestId]);
