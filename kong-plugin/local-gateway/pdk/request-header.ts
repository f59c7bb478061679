import type { HeaderList } from '../proxy/header-list.ts';

/**
 * `kong.request.get_header`, which asks nginx for `$http_name`: there `x_a` and `x-a` are the same header, and a header
 * that was sent twice is looked up again by its exact name (kong/tools/http.lua `get_header`).
 */
export const requestHeader = (headers: HeaderList, name: string): string | undefined => {
  const wanted = variableName(name);
  const values = headers.entries().filter((line) => variableName(line.name) === wanted);
  if (values.length === 0) return undefined;
  const joined = values.map((line) => line.value).join(', ');
  return joined.includes(', ') ? headers.first(name) : joined;
};

const variableName = (name: string): string => name.toLowerCase().replaceAll('-', '_');
