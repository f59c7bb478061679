import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The official suites, as installed: what they run is frozen by the lock file. */
export const suites = {
  /** 0.1.16, the latest release: revisions 2025-06-18 and 2025-11-25. */
  released: { package: '@modelcontextprotocol/conformance', arguments: [], passes: 40 },
  /** 0.2.0-alpha.12: what revision 2025-11-25 requires, with every message checked against its schema. */
  requirements20251125: { package: 'conformance-next', arguments: ['--requirements', '2025-11-25'], passes: 84 },
  /** 0.2.0-alpha.12: everything there is for revision 2026-07-28. */
  all20260728: {
    package: 'conformance-next',
    arguments: ['--suite', 'all', '--spec-version', '2026-07-28'],
    passes: 152,
  },
} as const satisfies Readonly<Record<string, Suite>>;

export type SuiteName = keyof typeof suites;
export const suiteNames = Object.keys(suites) as readonly SuiteName[];

interface Suite {
  readonly package: string;
  readonly arguments: readonly string[];
  /** Checks that a fully conformant server passes, with none failed. */
  readonly passes: number;
}

export interface ConformanceResult {
  readonly passed: number;
  readonly failed: number;
  /** One line per failed check, with the suite's own reason; scenarios that died without a check by their summary. */
  readonly failures: readonly string[];
}

export interface RunOptions {
  readonly url: string;
  readonly suite: SuiteName;
  readonly timeoutMilliseconds?: number;
}

/** A suite takes 2 to 5 seconds; one that hangs (each scenario may wait 30 s) is worth no more than this. */
const DEFAULT_TIMEOUT_MILLISECONDS = 90_000;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/** Rejects when the suite itself did not finish; a server that fails its checks is a result. */
export async function runConformance(options: RunOptions): Promise<ConformanceResult> {
  const { url, suite, timeoutMilliseconds = DEFAULT_TIMEOUT_MILLISECONDS } = options;
  const reports = await mkdtemp(path.join(tmpdir(), 'mcp-conformance-'));
  try {
    const { package: packageName, arguments: extra } = suites[suite];
    const preload = new URL('./node20/register.mjs', import.meta.url).href;
    const command = ['--import', preload, binOf(packageName), 'server', '--url', url, '-o', reports, ...extra];
    const output = await runNode(command, { timeoutMilliseconds, cwd: reports });
    return { ...readTotals(output), failures: [...(await readFailedChecks(reports)), ...diedScenarios(output)] };
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

function binOf(packageName: string): string {
  return path.join(
    path.dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)),
    'dist/index.js',
  );
}

interface RunNodeOptions {
  readonly timeoutMilliseconds: number;
  readonly cwd: string;
}

function runNode(args: readonly string[], { timeoutMilliseconds, cwd }: RunNodeOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      if (output.length < MAX_OUTPUT_BYTES) output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMilliseconds);
    child.once('error', reject);
    child.once('close', (_code, signal) => {
      clearTimeout(timer);
      if (signal === null) resolve(output);
      else reject(new Error(`The suite was stopped after ${timeoutMilliseconds} ms:\n${output.slice(-2_000)}`));
    });
  });
}

function readTotals(output: string): { readonly passed: number; readonly failed: number } {
  const total = /^Total: (\d+) passed, (\d+) failed$/m.exec(output);
  if (total === null) throw new Error(`The suite did not finish:\n${output.slice(-2_000)}`);
  return { passed: Number(total[1]), failed: Number(total[2]) };
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
  readonly description: string;
}

/** Each scenario leaves `server-<scenario>-<time>/checks.json`. */
async function readFailedChecks(reports: string): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const name of (await readdir(reports)).sort()) {
    const text = await readFile(path.join(reports, name, 'checks.json'), 'utf8').catch(() => '[]');
    const failed = (JSON.parse(text) as readonly Check[]).filter(({ status }) => status === 'FAILURE');
    failures.push(...failed.map((check) => `${name}: ${check.id}: ${check.errorMessage ?? check.description}`));
  }
  return failures;
}

/** A scenario that threw has no report; the summary still counts it. */
function diedScenarios(output: string): readonly string[] {
  return [...output.matchAll(/^✗ (\S+): 0 passed, 1 failed$/gm)].map(([line]) => line);
}
