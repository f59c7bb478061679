export interface HostAndPort {
  readonly withoutPort: string;
  readonly withPort: string;
}

/** A Host header in the two forms that Kong's router compares; port 80 when none is given. */
export const splitPort = (host: string): HostAndPort => {
  const match = /^(.*?)(?::(\d*))?$/.exec(host);
  const bracketed = /^\[(.*)\](?::(\d*))?$/.exec(host);
  if (bracketed !== null)
    return { withoutPort: bracketed[1] ?? '', withPort: `[${bracketed[1] ?? ''}]:${bracketed[2] || '80'}` };
  return { withoutPort: match?.[1] ?? host, withPort: `${match?.[1] ?? host}:${match?.[2] || '80'}` };
};
