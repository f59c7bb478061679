import fc from 'fast-check';

/** JSON text of a key as specified, sometimes with an escape that changes nothing. */
const plainKey = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constant(name) },
    { weight: 1, arbitrary: fc.constant(`\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`) },
  );

/** Another key that some real server takes for this one. */
const disguisedKey = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(
    name.toUpperCase(),
    `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
    `${name}\\u0000`,
    `${name} `,
    name.replace('s', 'ſ'),
    name.replace(/[a-z]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)),
  );

/** `rare` members are mostly absent, the others mostly present. */
type Member = readonly [name: string, value: fc.Arbitrary<string>, presence?: 'rare'];

/** How often, and how spelled, a member occurs in its object. */
const occurrences = ([name, value, presence]: Member): fc.Arbitrary<readonly (readonly [string, string])[]> => {
  const plain = fc.tuple(plainKey(name), value);
  const disguised = fc.tuple(disguisedKey(name), value);
  return fc.oneof(
    { weight: presence === 'rare' ? 6 : 60, arbitrary: fc.tuple(plain) },
    { weight: presence === 'rare' ? 60 : 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(disguised) },
    { weight: 2, arbitrary: fc.tuple(plain, plain) },
    { weight: 2, arbitrary: fc.tuple(plain, disguised) },
  );
};

/** JSON text of an object: members in any order, each mostly once and as specified. */
const objectOf = (members: readonly Member[]): fc.Arbitrary<string> =>
  fc
    .tuple(...members.map(occurrences))
    .map((lists) => lists.flat())
    .chain((pairs) => fc.shuffledSubarray(pairs, { minLength: pairs.length }))
    .map((pairs) => `{${pairs.map(([key, value]) => `"${key}":${value}`).join(',')}}`);

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

const toolName = oneOf(
  ...['"delete_order"', '"delete_order"', '"search_orders"', '"search_orders"', '"d\\u0065lete_order"'],
  ...['"Delete_Order"', '"delete_order "', '"delete_order\\u0000"', '5', '["delete_order"]', '"__proto__"'],
);

const method = oneOf(
  ...['"tools/call"', '"tools/call"', '"tools/call"', '"tools/call"', '"tools\\/call"', '"tools\\u002fcall"'],
  ...['"tools/list"', '"TOOLS/CALL"', '"tools/call "', '"prompts/get"', '"acme/run"', '"notifications/cancelled"'],
);

const claim = '"io.modelcontextprotocol/protocolVersion":"2026-07-28"';

const messageWith = (meta: Member): fc.Arbitrary<string> => {
  const params = objectOf([
    ['name', toolName],
    ['arguments', oneOf('{}', '{}', '{"name":"delete_order"}', '{"method":"tools/call"}', '[]', '{"a":"\\":\\"{"}')],
    meta,
  ]);
  return objectOf([
    ['jsonrpc', oneOf('"2.0"', '"2.0"', '"2.0"', '"2.0"', '2.0')],
    ['id', oneOf('1', '"a"', '1', '"b"', '0', 'null', '1.5')],
    ['method', method],
    ['params', params],
  ]);
};

/** JSON text that is, or nearly is, a legacy message which calls a tool. */
const messageText = messageWith(['_meta', oneOf('{}', '{"progressToken":1}', `{${claim}}`), 'rare']);

/** The same with the claim of the modern era. */
export const modernMessageText = messageWith(['_meta', oneOf(`{${claim}}`, `{"progressToken":1,${claim}}`, '{}')]);

const batched: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: messageText },
  { weight: 1, arbitrary: messageText.map((text) => `[${text}]`) },
  { weight: 1, arbitrary: fc.tuple(messageText, messageText).map(([first, second]) => `[${first},${second}]`) },
);

const encodings: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(text, 'utf16le').swap16(),
  (text) => Buffer.from(text, 'latin1'),
];

const encoded: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 12, arbitrary: batched.map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.tuple(batched, fc.constantFrom(...encodings)).map(([text, encode]) => encode(text)) },
);

/** Bodies near a tool call: a message in some encoding, a few of them with bytes changed, inserted or removed. */
export const nearCallBody: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    encoded,
    fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: fc.array(
          fc.record({ at: fc.nat(200), remove: fc.nat(2), insert: fc.uint8Array({ maxLength: 2 }) }),
          { minLength: 1, maxLength: 3 },
        ),
      },
    ),
  )
  .map(([bytes, edits]) => edits.reduce(edited, bytes));

const edited = (
  bytes: Uint8Array,
  edit: { readonly at: number; readonly remove: number; readonly insert: Uint8Array },
): Uint8Array => Buffer.concat([bytes.slice(0, edit.at), edit.insert, bytes.slice(edit.at + edit.remove)]);

const headerNames = [
  ...['content-type', 'content-encoding', 'content-length', 'accept', 'upgrade', 'host', 'origin', 'traceparent'],
  ...['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp_name', 'mcp-session-id', 'last-event-id', 'mcp-param-a'],
];

const headerText = fc.oneof(
  oneOf('application/json', 'application/json, text/event-stream', '2026-07-28', '2025-11-25', 'tools/call', ''),
  oneOf('=?base64?ZGVsZXRlX29yZGVy?=', '=?base64?=', '*/*', ';;;', 'charset=', 'delete_order', ' \t '),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Any headers at all, sent any number of times, also with no value. */
export const anyHeaders: fc.Arbitrary<Record<string, string[]>> = fc.dictionary(
  fc.oneof(oneOf(...headerNames), fc.string({ unit: 'binary', maxLength: 12 })),
  fc.array(headerText, { maxLength: 2 }),
  { maxKeys: 8 },
);

export const anyHttpMethod: fc.Arbitrary<string> = oneOf('POST', 'POST', 'POST', 'GET', 'DELETE', 'PUT', 'HEAD', '');

const segment = fc.oneof(
  { weight: 6, arbitrary: oneOf('payments', 'export', 'users', 'me', 'settings', 'refunds', '17') },
  { weight: 2, arbitrary: oneOf('Export', 'ME', '%65xport', 'exp%6Frt', '%2565xport', 'export;v=1', 'export%3bv') },
  { weight: 2, arbitrary: oneOf('', '.', '..', '%2e%2e', '.%2E', '%252e%252e', '..%2fexport', 'a%2f..%2fexport') },
  { weight: 1, arbitrary: oneOf('export%00', 'export?', 'export#x', 'export\\', '..\\export', '%5cexport', '%', 'ſ') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
);

export const anyPath: fc.Arbitrary<string> = fc
  .array(segment, { maxLength: 6 })
  .map((segments) => `/${segments.join('/')}`);
