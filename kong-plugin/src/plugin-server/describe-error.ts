/** nginx cuts a log line at 4,096 bytes (OpenResty's NGX_MAX_ERROR_STR): the stack must not push out the rest. */
const MAXIMUM_STACK_CHARACTERS = 2_500;

/** A type and not an interface, so that it is assignable to `LogFields`. */
export type ErrorDescription = { readonly error: string; readonly stack?: string };

/**
 * An error for the log. Node quotes the input in the message of a `SyntaxError` (JSON.parse of a request body), so that
 * message is left out; `redact` removes the instance's secrets from the others.
 */
export function describeError(error: unknown, redact: (text: string) => string = (text) => text): ErrorDescription {
  if (!(error instanceof Error)) return { error: redact(typeof error === 'string' ? error : typeof error) };
  const title =
    error instanceof SyntaxError ? `${error.name} (its text may quote data)` : `${error.name}: ${error.message}`;
  return { error: redact(title), stack: framesOf(error).slice(0, MAXIMUM_STACK_CHARACTERS) };
}

/** Without the first lines, which repeat the message. */
const framesOf = (error: Error): string =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join('\n');

/** The text of an RPC error: Kong logs it and shows 500. */
export function errorText(error: unknown): string {
  if (error instanceof Error && error.message !== '') return error.message;
  if (typeof error === 'string' && error !== '') return error;
  return 'the plugin failed without a message';
}
