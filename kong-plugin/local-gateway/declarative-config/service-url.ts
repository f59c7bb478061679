/** The `url` shorthand of a service. */
export const expandUrl = (
  text: string,
):
  | { readonly protocol: string; readonly host: string; readonly port: number; readonly path: string | null }
  | undefined => {
  const match = /^([a-z]+):\/\/(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?(\/[^?#]*)?$/i.exec(text);
  if (match === null) return undefined;
  const [, protocol = '', host = '', port, path] = match;
  return {
    protocol: protocol.toLowerCase(),
    host,
    port: port === undefined ? defaultPort(protocol.toLowerCase()) : Number(port),
    path: path ?? null,
  };
};

const defaultPort = (protocol: string): number => (protocol === 'https' ? 443 : 80);
