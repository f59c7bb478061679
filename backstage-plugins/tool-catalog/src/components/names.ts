/** `group:default/team-support` -> `team-support`: what people call it. */
export const nameOfRef = (ref: string): string => ref.split('/').at(-1) ?? ref;

/** A moment in the reader's own time zone. */
export const moment = (iso: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));

export const count = (value: number): string => new Intl.NumberFormat().format(value);

export const kindName = (kind: 'mcp' | 'rest'): string => (kind === 'mcp' ? 'MCP tool' : 'REST operation');
