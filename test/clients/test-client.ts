export interface ClientTarget {
  readonly url: string;
  /** Sent with every request, for example the API key. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
  readonly structured: unknown;
}

export interface CallOptions {
  readonly onProgress?: (update: { readonly progress: number; readonly total?: number | undefined }) => void;
  readonly signal?: AbortSignal;
}

export interface WatchFilter {
  readonly resource?: string;
  readonly tools?: boolean;
}

/** What a person or a model would answer, and what the client saw without asking for it. */
export interface ClientBehaviour {
  readonly elicit: (message: string) => { action: 'accept' | 'decline'; content?: Record<string, string | boolean> };
  readonly sample: (prompt: unknown) => string;
  readonly resourceUpdated: (uri: string) => void;
  readonly toolsChanged: () => void;
}

/** What the official clients of both generations can do, in one vocabulary. Each is the unchanged SDK client. */
export interface TestClient {
  readonly protocolVersion: string | undefined;
  readonly sessionId: string | undefined;
  /** HTTP methods this client has used, in order. */
  readonly httpMethods: readonly string[];
  /** Settles when the server has accepted the stream for unasked messages; at once where the era has none. */
  readonly streamOpened: Promise<void>;
  toolNames(): Promise<readonly string[]>;
  call(name: string, input: Record<string, unknown>, options?: CallOptions): Promise<ToolResult>;
  readText(uri: string): Promise<string>;
  promptText(name: string, input: Record<string, string>): Promise<string>;
  /** Resolves when the server has accepted the subscription; the answer ends it. */
  watch(filter: WatchFilter): Promise<() => Promise<void>>;
  /** Ends a legacy session with DELETE. */
  terminate(): Promise<void>;
  close(): Promise<void>;
}

export type Connect = (target: ClientTarget, behaviour: ClientBehaviour) => Promise<TestClient>;

/** A fetch that notes the HTTP methods, and the moment the GET stream is accepted. */
export function observeFetch(): {
  readonly fetch: typeof fetch;
  readonly httpMethods: readonly string[];
  readonly getAccepted: Promise<void>;
} {
  const httpMethods: string[] = [];
  const { promise, resolve } = deferred<void>();
  const observed: typeof fetch = async (input, init) => {
    const method = init?.method ?? 'GET';
    httpMethods.push(method);
    const response = await fetch(input, init);
    if (method === 'GET' && response.ok) resolve();
    return response;
  };
  return { fetch: observed, httpMethods, getAccepted: promise };
}

/** Promise.withResolvers, which Node 20 does not have. */
export function deferred<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Both generations answer a CallToolResult; their types for it differ. */
export function toToolResult(result: object): ToolResult {
  const {
    content = [],
    isError,
    structuredContent,
  } = result as {
    readonly content?: readonly { readonly text?: string }[];
    readonly isError?: boolean;
    readonly structuredContent?: unknown;
  };
  return {
    text: content.map((part) => part.text ?? '').join(''),
    isError: isError === true,
    structured: structuredContent,
  };
}
