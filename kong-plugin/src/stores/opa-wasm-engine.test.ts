import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OpaInput } from '../domain/opa/opa-decision.ts';
import { contractEntrypoint, contractPolicy, describePolicyEngine } from '../ports/policy-engine.contract.ts';
import { readOpaBundle } from './opa-bundle.ts';
import { createOpaWasmEngine, type OpaWasmEngine, type OpaWasmOptions } from './opa-wasm-engine.ts';
import { buildBundle, hasOpa, opaTitle, removeFolder, writeFiles } from './testing/opa-command.ts';

const policies = {
  contract: contractPolicy,
  /** Says what the data says. */
  data: 'package p\n\ndecision := {"allow": data.settings.open, "reason": data.settings.reason}\n',
  denying: 'package p\n\ndecision := {"allow": false, "reason": "Denied since the change."}\n',
  fetching: 'package p\n\ndecision := {"allow": http.send({"method": "get", "url": input.server}).status == 200}\n',
  splitting: 'package p\n\ndecision := {"allow": count(regex.split(input.server, input.time)) > 1}\n',
  slow: 'package p\n\ndecision := {"allow": count({[a, b] | some a in numbers.range(1, 300); some b in numbers.range(1, 300)}) > 0}\n',
} as const;
type PolicyName = keyof typeof policies;

const settings = '{"settings": {"open": true, "reason": "From the bundle."}}';

let built = '';
const bundleOf = (name: PolicyName): string => path.join(built, `${name}.tar.gz`);
beforeAll(async () => {
  built = await writeFiles({});
  if (!hasOpa) return;
  for (const name of Object.keys(policies) as PolicyName[]) {
    const source = await writeFiles({ 'policy.rego': policies[name], 'data.json': name === 'data' ? settings : '{}' });
    const entrypoint = name === 'contract' ? contractEntrypoint : 'p/decision';
    await buildBundle({ paths: [source], entrypoint, output: bundleOf(name) });
    await removeFolder(source);
  }
});
afterAll(() => removeFolder(built));

let folder = '';
const engines: OpaWasmEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  if (folder !== '') await removeFolder(folder);
  folder = '';
});

const newFolder = async (files: Readonly<Record<string, string>> = {}): Promise<string> => {
  folder = await writeFiles(files);
  return folder;
};

const engineFor = async (options: Partial<OpaWasmOptions> & { readonly file: string }): Promise<OpaWasmEngine> => {
  const engine = createOpaWasmEngine({ entrypoint: 'p/decision', deadlineMs: 60_000, reloadMs: 0, ...options });
  engines.push(engine);
  await engine.refresh();
  return engine;
};

const input: OpaInput = {
  caller: { groups: [], tags: [], scopes: [], anonymous: true },
  server: 'orders',
  call: { kind: 'tool', method: 'tools/call', name: 'allowed' },
  limits: {},
  time: '2026-11-23T14:05:06.007Z',
};
const allowed = (reason?: string): unknown => ({
  ok: true,
  value: { allow: true, obligations: { redact: [] }, ...(reason === undefined ? {} : { reason }) },
});
const deniedSince = {
  ok: true,
  value: { allow: false, reason: 'Denied since the change.', obligations: { redact: [] } },
};
const failed = (why: RegExp): unknown => ({ ok: false, error: expect.stringMatching(why) });

describePolicyEngine({
  name: `the WASM engine with a bundle of ${opaTitle}`,
  isPresent: hasOpa,
  create: async () => {
    const engine = createOpaWasmEngine({
      file: bundleOf('contract'),
      entrypoint: contractEntrypoint,
      deadlineMs: 10_000,
    });
    await engine.refresh();
    return engine;
  },
});

describe.skipIf(!hasOpa)(`a bundle of ${opaTitle}`, () => {
  it('brings its data', async () => {
    expect(await (await engineFor({ file: bundleOf('data') })).decide(input)).toEqual(allowed('From the bundle.'));
  });

  it('takes other data from a file', async () => {
    const dataFile = path.join(
      await newFolder({ 'd.json': '{"settings":{"open":false,"reason":"Of the file."}}' }),
      'd.json',
    );
    const found = await (await engineFor({ file: bundleOf('data'), dataFile })).decide(input);
    expect(found).toMatchObject({ ok: true, value: { allow: false, reason: 'Of the file.' } });
  });

  it('may be a policy.wasm without a bundle, which then has no data', async () => {
    const file = path.join(await newFolder(), 'policy.wasm');
    const bundle = await readOpaBundle(await readFile(bundleOf('data')));
    if (!bundle.ok) throw new Error(bundle.error);
    await writeFile(file, bundle.value.wasm);
    const engine = await engineFor({ file });
    expect(await engine.decide(input)).toMatchObject({ ok: true, value: { allow: false } });
    expect(engine.health()).toEqual({ ok: true, why: expect.stringMatching(/undefined/) });
  });

  it('fails every question until it is loaded, without waiting', async () => {
    const engine = createOpaWasmEngine({ file: bundleOf('data'), entrypoint: 'p/decision', reloadMs: 0 });
    engines.push(engine);
    expect(await engine.decide(input)).toEqual(failed(/is not loaded yet/));
    expect(engine.health()).toMatchObject({ ok: false });
    await engine.refresh();
    expect(await engine.decide(input)).toEqual(allowed('From the bundle.'));
  });

  it.each<[string, Partial<OpaWasmOptions> & { readonly policy: PolicyName }, RegExp]>([
    [
      'an entrypoint that it has not',
      { policy: 'data', entrypoint: 'p/decisoin' },
      /no entrypoint "p\/decisoin", only p\/decision/,
    ],
    ['an inherited entrypoint', { policy: 'data', entrypoint: 'constructor' }, /no entrypoint/],
    ['http.send', { policy: 'fetching' }, /uses http\.send, which a policy in WASM cannot use/],
    ['regex.split, which backtracks', { policy: 'splitting' }, /uses regex\.split/],
  ])('is refused with %s', async (_title, { policy, ...options }, why) => {
    const engine = await engineFor({ file: bundleOf(policy), ...options });
    expect(await engine.decide(input)).toEqual(failed(why));
    expect(engine.health()).toEqual({ ok: false, why: expect.stringMatching(why) });
  });

  it('fails when the evaluation took longer than the deadline, and health shows it', async () => {
    const clock = { now: 0 };
    const engine = await engineFor({ file: bundleOf('data'), deadlineMs: 50, now: () => (clock.now += 51) });
    expect(await engine.decide(input)).toEqual(failed(/took 51 ms, which is longer than its 50 ms/));
    expect(engine.health()).toMatchObject({ ok: false, why: expect.stringMatching(/1 of the last 1/) });
  });

  it('answers after 600 questions on which the policy broke, though 511 ruin an instance', async () => {
    const engine = await engineFor({ file: bundleOf('contract'), entrypoint: contractEntrypoint });
    const breaking = { ...input, call: { ...input.call, name: 'conflict' } };
    for (let count = 0; count < 600; count += 1) {
      expect(await engine.decide(breaking)).toEqual(failed(/conflict/));
    }
    expect(await engine.decide(input)).toEqual(allowed());
  });

  it('cannot take more than 1 MiB of memory where it needs more', async () => {
    const engine = await engineFor({ file: bundleOf('slow'), maxMemoryBytes: 1024 * 1024 });
    expect(await engine.decide(input)).toEqual(failed(/could not decide/));
    const roomy = await engineFor({ file: bundleOf('slow') });
    expect(await roomy.decide(input)).toEqual(allowed());
  });
});

describe.skipIf(!hasOpa)(`a file of ${opaTitle} that changes`, () => {
  const installed = async (name: PolicyName) => {
    const file = path.join(await newFolder(), 'bundle.tar.gz');
    const reports: string[] = [];
    await copyFile(bundleOf(name), file);
    return { file, reports, engine: await engineFor({ file, report: (sentence) => reports.push(sentence) }) };
  };

  it('is in force after the next look', async () => {
    const { file, reports, engine } = await installed('data');
    expect(await engine.decide(input)).toEqual(allowed('From the bundle.'));
    await copyFile(bundleOf('denying'), file);
    expect(await engine.decide(input)).toEqual(allowed('From the bundle.'));
    await engine.refresh();
    expect(await engine.decide(input)).toEqual(deniedSince);
    expect(reports).toEqual(Array(2).fill(expect.stringMatching(/is in force$/)));
  });

  it('is noticed when another file takes its name', async () => {
    const { file, engine } = await installed('data');
    await copyFile(bundleOf('denying'), `${file}.new`);
    await rename(`${file}.new`, file);
    await engine.refresh();
    expect(await engine.decide(input)).toEqual(deniedSince);
  });

  it('is looked at by itself every reloadMs', async () => {
    const file = path.join(await newFolder(), 'bundle.tar.gz');
    await copyFile(bundleOf('data'), file);
    const engine = await engineFor({ file, reloadMs: 5 });
    expect(await engine.decide(input)).toEqual(allowed('From the bundle.'));
    await copyFile(bundleOf('denying'), file);
    await vi.waitFor(async () => expect(await engine.decide(input)).toEqual(deniedSince), { timeout: 20_000 });
  });

  it('is not loaded again when it did not change', async () => {
    const { reports, engine } = await installed('data');
    await engine.refresh();
    await engine.refresh();
    expect(reports).toHaveLength(1);
  });

  it.each<[string, (file: string) => Promise<void>, RegExp]>([
    ['was deleted', (file) => rm(file), /ENOENT/],
    ['is empty', (file) => writeFile(file, ''), /neither a bundle/],
    [
      'is half written',
      async (file) => writeFile(file, (await readFile(file)).subarray(0, 1_000)),
      /cannot be unpacked/,
    ],
    ['is something else', (file) => writeFile(file, 'decision := {"allow": true}'), /neither a bundle/],
    ['is WASM that is none', (file) => writeFile(file, '\0asm....'), /cannot be run/],
    ['uses what does not exist here', (file) => copyFile(bundleOf('fetching'), file), /http\.send/],
  ])('leaves the policy before it in force when it %s, and says so', async (_title, change, why) => {
    const { file, reports, engine } = await installed('denying');
    await change(file);
    await engine.refresh();
    expect(await engine.decide(input)).toEqual(deniedSince);
    const sentence = expect.stringMatching(new RegExp(`was refused: .*${why.source}.*the one before stays in force`));
    expect(engine.health()).toEqual({ ok: true, why: sentence });
    expect(reports.at(-1)).toEqual(sentence);
    await copyFile(bundleOf('data'), file);
    await engine.refresh();
    expect(await engine.decide(input)).toEqual(allowed('From the bundle.'));
    expect(engine.health()).toEqual({ ok: true });
  });

  it('is watched with its data: a change of the data alone counts, and bad data is refused', async () => {
    const dataFile = path.join(await newFolder({ 'd.json': settings }), 'd.json');
    const engine = await engineFor({ file: bundleOf('data'), dataFile });
    await writeFile(dataFile, '{"settings":{"open":true,"reason":"Changed."}}');
    await engine.refresh();
    expect(await engine.decide(input)).toEqual(allowed('Changed.'));
    for (const bad of ['{"settings":', '[]', '{"a":1,"a":2}']) {
      await writeFile(dataFile, bad);
      await engine.refresh();
      expect(await engine.decide(input)).toEqual(allowed('Changed.'));
      expect(engine.health()).toEqual({ ok: true, why: expect.stringMatching(/was refused: the data document/) });
    }
  });
});

describe('a file that was never there', () => {
  it('fails every question with its name', async () => {
    const engine = await engineFor({ file: path.join(await newFolder(), 'absent.tar.gz') });
    expect(await engine.decide(input)).toEqual(failed(/absent\.tar\.gz \(p\/decision\) was refused: ENOENT/));
    expect(engine.health()).toMatchObject({ ok: false });
  });
});

/** An archive as `tar` writes it, of files by name. */
const archiveOf = (files: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat([...Object.entries(files).map(([name, text]) => entryOf(name, text)), Buffer.alloc(1_024)]);

const entryOf = (name: string, text: string): Buffer => {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, '\0'))]);
};

describe('reading a bundle', () => {
  it.each(['policy.wasm', '/policy.wasm', './policy.wasm'])('finds %s', async (name) => {
    const found = await readOpaBundle(gzipSync(archiveOf({ [name]: 'module', '/data.json': '{"a":1}' })));
    expect(found).toEqual({ ok: true, value: { wasm: Buffer.from('module'), data: Buffer.from('{"a":1}') } });
  });

  it('has an empty document when it has no data', async () => {
    const found = await readOpaBundle(gzipSync(archiveOf({ '/policy.wasm': 'module', '/p.rego': 'package p' })));
    expect(found).toMatchObject({ ok: true, value: { data: Buffer.from('{}') } });
  });

  it.each<[string, Buffer, RegExp]>([
    ['no module', archiveOf({ '/data.json': '{}', '/p.rego': 'package p' }), /no policy\.wasm/],
    ['data in a folder', archiveOf({ '/policy.wasm': 'm', '/roles/data.json': '{}' }), /roles\/data\.json/],
    ['YAML data', archiveOf({ '/policy.wasm': 'm', '/data.yaml': 'a: 1' }), /data\.yaml/],
    ['two modules', archiveOf({ '/policy.wasm': 'm', '/other/policy.wasm': 'm' }), /other\/policy\.wasm/],
    ['the same file twice', Buffer.concat([entryOf('/policy.wasm', 'a'), archiveOf({ 'policy.wasm': 'b' })]), /twice/],
    ['a delta', archiveOf({ '/patch.json': '{}' }), /patch\.json/],
    ['no end', archiveOf({ '/policy.wasm': 'm' }).subarray(0, 1_024), /cut off/],
    ['a file that is cut off', archiveOf({ '/policy.wasm': 'm'.repeat(2_000) }).subarray(0, 1_024), /cut off/],
    ['no archive', Buffer.from('x'.repeat(2_000)), /no tar archive/],
    ['nothing', Buffer.alloc(0), /cut off/],
  ])('refuses %s', async (_title, archive, why) => {
    expect(await readOpaBundle(gzipSync(archive))).toEqual(failed(why));
  });

  it('refuses more than 128 MiB however small they are packed', async () => {
    expect(await readOpaBundle(gzipSync(Buffer.alloc(128 * 1024 * 1024 + 1)))).toEqual(failed(/cannot be unpacked/));
  });

  it.skipIf(!hasOpa)(`refuses a header that was changed, in a bundle of ${opaTitle}`, async () => {
    const archive = gunzipSync(await readFile(bundleOf('data')));
    archive[0] = (archive[0] ?? 0) ^ 1;
    expect(await readOpaBundle(gzipSync(archive))).toEqual(failed(/no tar archive/));
  });
});
