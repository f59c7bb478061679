import { Buffer } from 'node:buffer';
import * as sdk from '@open-policy-agent/opa-wasm';
import { failure, success, type Result } from '../domain/result.ts';
import { timeBuiltins } from './opa-time-builtins.ts';

/** Node has it; the types of Node 20 know only its types. */
declare const WebAssembly: { readonly compile: (module: Uint8Array) => Promise<WebAssembly.Module> };

/** The SDK's types promise `loadPolicySync` as an export of its own; at run time only the default export has it. */
const { loadPolicySync } = (sdk as unknown as { readonly default: Pick<typeof sdk, 'loadPolicySync'> }).default;

export interface WasmPolicySource {
  readonly wasm: Uint8Array;
  /** JSON of the data document. */
  readonly data: Uint8Array;
  /** As given to `opa build -e`. */
  readonly entrypoint: string;
  readonly maxMemoryBytes: number;
}

/** A policy that is ready. `evaluate` answers with the decision document, undefined when no rule produced one. */
export interface WasmPolicy {
  evaluate(input: Uint8Array): Result<unknown, string>;
}

const PAGE_BYTES = 65_536;
/** What the SDK starts with; the memory grows to its maximum as data and inputs need. */
const INITIAL_PAGES = 5;

/**
 * Functions that the module may ask its host for. What it asks for besides is found when it is loaded, not by the first
 * caller. `regex.split` of the SDK is missing on purpose: it backtracks, so an argument could hold up every request.
 */
const knownFunctions: ReadonlySet<string> = new Set([
  ...['sprintf', 'json.is_valid', 'yaml.is_valid', 'yaml.marshal', 'yaml.unmarshal'],
  ...Object.keys(timeBuiltins),
]);

type Instance = ReturnType<typeof loadPolicySync>;

export const loadWasmPolicy = async (source: WasmPolicySource): Promise<Result<WasmPolicy, string>> => {
  try {
    const module = await WebAssembly.compile(source.wasm);
    const create = (): Instance => instantiate(module, source);
    const first = create();
    const problem = problemOf(first, source.entrypoint);
    return problem === undefined
      ? success(toPolicy(first, { create, entrypoint: source.entrypoint }))
      : failure(problem);
  } catch (error) {
    return failure(`it cannot be run: ${textOf(error)}`);
  }
};

const instantiate = (module: WebAssembly.Module, { data, maxMemoryBytes }: WasmPolicySource): Instance => {
  const memory = { initial: INITIAL_PAGES, maximum: Math.max(INITIAL_PAGES, Math.floor(maxMemoryBytes / PAGE_BYTES)) };
  const instance = loadPolicySync(module, memory, { ...timeBuiltins });
  instance.setData(bytesOf(data));
  return instance;
};

const problemOf = (instance: Instance, entrypoint: string): string | undefined => {
  const entrypoints = Object.keys(instance.entrypoints as object);
  if (!entrypoints.includes(entrypoint)) {
    return `it has no entrypoint ${JSON.stringify(entrypoint)}, only ${entrypoints.join(', ')} (opa build -e)`;
  }
  const missing = functionsOf(instance).filter((name) => !knownFunctions.has(name));
  if (missing.length > 0) return `it uses ${missing.join(', ')}, which a policy in WASM cannot use here`;
  return undefined;
};

/** What the SDK keeps to itself. */
interface Insides {
  readonly mem: { readonly buffer: ArrayBuffer };
  readonly wasmInstance: {
    readonly exports: {
      readonly builtins: () => number;
      readonly opa_json_dump: (address: number) => number;
    };
  };
}

/** Names of the functions that the module imports. */
const functionsOf = (instance: Instance): readonly string[] => {
  const { mem, wasmInstance } = instance as unknown as Insides;
  const from = wasmInstance.exports.opa_json_dump(wasmInstance.exports.builtins());
  const memory = Buffer.from(mem.buffer);
  return Object.keys(JSON.parse(memory.toString('utf8', from, memory.indexOf(0, from))) as object);
};

interface Renewal {
  readonly create: () => Instance;
  readonly entrypoint: string;
}

/**
 * An evaluation that broke off leaves the module's stack pointer where it was: after 511 of them (measured, OPA 1.22) every
 * further one ends in "memory access out of bounds". So the instance is thrown away and the next question gets a new one,
 * which takes 0.1 to 0.4 ms.
 */
const toPolicy = (first: Instance, { create, entrypoint }: Renewal): WasmPolicy => {
  let instance: Instance | undefined = first;
  return {
    evaluate: (input) => {
      try {
        instance ??= create();
        return decisionOf(instance.evaluate(bytesOf(input), entrypoint));
      } catch (error) {
        instance = undefined;
        return failure(textOf(error));
      }
    },
  };
};

/** OPA's result set: one entry with the decision, none when it is undefined. */
const decisionOf = (results: unknown): Result<unknown, string> => {
  const [first, ...others] = Array.isArray(results) ? (results as readonly { readonly result: unknown }[]) : [];
  return others.length > 0 ? failure('it gave several results') : success(first?.result);
};

/** The SDK takes an `ArrayBuffer` for JSON text and anything else for a value; a view may begin anywhere in its buffer. */
const bytesOf = (view: Uint8Array): ArrayBuffer => Uint8Array.from(view).buffer;

/** The SDK throws texts and plain objects besides errors. */
const textOf = (error: unknown): string => {
  if (typeof error === 'string') return error;
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? message : 'the evaluation broke off';
};
