import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { parseSnapshot } from '../config/parse-snapshot.ts';
import { describePolicySource } from '../ports/policy-source.contract.ts';
import type { PolicySource, PolicyState } from '../ports/policy-source.ts';
import { createFilePolicySource, type FilePolicyOptions } from './policy-source-file.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'policy-file-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => {
  const folder = path.join(root, String((folders += 1)));
  mkdirSync(folder);
  return folder;
};

const policy = (revision: string): string => JSON.stringify({ version: 1, revision });
const offerAt = (file: string, text: string | undefined): void => {
  if (text === undefined) return rmSync(file, { force: true });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
};

describePolicySource({
  name: 'a file',
  create: async (text, options = {}) => {
    const file = path.join(newFolder(), 'policy.yml');
    offerAt(file, text);
    let time = Date.parse('2026-11-24T12:00:00Z');
    const now = (): number => time;
    return {
      source: createFilePolicySource({ file, parse: parseSnapshot, now, ...options }),
      offer: async (changed) => offerAt(file, changed),
      advance: (milliseconds) => (time += milliseconds),
      now,
    };
  },
});

describe('a policy file', () => {
  const open: PolicySource[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((source) => source.close()));
  });
  const sourceOf = (options: Pick<FilePolicyOptions, 'file'> & Partial<FilePolicyOptions>): PolicySource => {
    const source = createFilePolicySource({ parse: parseSnapshot, now: Date.now, ...options });
    open.push(source);
    return source;
  };
  const nextState = (source: PolicySource, wanted: (state: PolicyState) => boolean): Promise<PolicyState> =>
    new Promise((resolve) => source.subscribe((state) => wanted(state) && resolve(state)));

  it('is read before the source is returned', () => {
    const file = path.join(newFolder(), 'policy.yml');
    writeFileSync(file, policy('r1'));
    expect(sourceOf({ file }).current().revision).toBe('r1');
  });

  it('is followed by itself when it is replaced, when it is written in place, and when it appears', async () => {
    const file = path.join(newFolder(), 'policy.yml');
    const source = sourceOf({ file });
    for (const [revision, write] of [
      ['r1', () => writeFileSync(file, policy('r1'))],
      ['r2', () => offerAt(file, policy('r2'))],
      ['r3', () => writeFileSync(file, policy('r3'))],
    ] as const) {
      const seen = nextState(source, (state) => state.revision === revision);
      write();
      expect((await seen).revision).toBe(revision);
    }
  });

  it('is followed through a folder that is a symbolic link, as Kubernetes mounts it', async () => {
    const folder = newFolder();
    for (const name of ['one', 'two']) {
      mkdirSync(path.join(folder, name));
      writeFileSync(path.join(folder, name, 'policy.yml'), policy(name));
    }
    symlinkSync('one', path.join(folder, '..data'));
    symlinkSync('..data/policy.yml', path.join(folder, 'policy.yml'));
    const source = sourceOf({ file: path.join(folder, 'policy.yml') });
    expect(source.current().revision).toBe('one');
    symlinkSync('two', path.join(folder, '..data_tmp'));
    renameSync(path.join(folder, '..data_tmp'), path.join(folder, '..data'));
    await source.refresh();
    expect(source.current().revision).toBe('two');
  });

  it('that changes within one tick of its clock is seen, though length and time stay the same', async () => {
    const file = path.join(newFolder(), 'policy.yml');
    const time = new Date(Math.floor(Date.now() / 1000) * 1000);
    writeFileSync(file, policy('r1'));
    utimesSync(file, time, time);
    const source = sourceOf({ file });
    writeFileSync(file, policy('r2'));
    utimesSync(file, time, time);
    await source.refresh();
    expect(source.current().revision).toBe('r2');
  });

  it.each<[string, (file: string) => void, RegExp]>([
    ['a folder', (file) => mkdirSync(file), /not a file/],
    ['a pipe', (file) => execFileSync('mkfifo', [file]), /not a file/],
    ['not UTF-8', (file) => writeFileSync(file, Buffer.from([0x76, 0xff])), /not valid UTF-8/],
    [
      'too large',
      (file) => (writeFileSync(file, ''), truncateSync(file, 33_554_433)),
      /33554433 bytes; at most 33554432/,
    ],
  ])('that is %s is refused', async (_, make, expected) => {
    const file = path.join(newFolder(), 'policy.yml');
    make(file);
    const source = sourceOf({ file });
    await source.refresh();
    expect(source.current().snapshot).toBeUndefined();
    expect(source.current().issues[0]?.problem).toMatch(expected);
  });

  describe('with a copy', () => {
    const start = async (): Promise<{ readonly file: string; readonly cacheFile: string }> => {
      const folder = newFolder();
      const [file, cacheFile] = [path.join(folder, 'policy.yml'), path.join(folder, 'cache', 'policy.last-good')];
      writeFileSync(file, policy('r1'));
      const source = sourceOf({ file, cacheFile });
      await source.refresh();
      await source.close();
      return { file, cacheFile };
    };

    it('starts with it when the file is bad, says so, and goes on when it is good', async () => {
      const { file, cacheFile } = await start();
      expect(statSync(cacheFile).mode & 0o777).toBe(0o600);
      writeFileSync(file, 'version: 2');
      const later = sourceOf({ file, cacheFile, now: () => Date.now() + 3_600_000, maxAgeSeconds: 60 });
      const state = later.current();
      expect(state).toMatchObject({ revision: 'r1', issues: [{ path: 'version' }] });
      expect(state.isStale(Date.now() + 3_600_000)).toBe(true);
      await later.refresh();
      expect(later.current()).toMatchObject({ revision: 'r1', issues: [{ path: 'version' }] });
      writeFileSync(file, policy('r2'));
      await later.refresh();
      expect(later.current()).toMatchObject({ revision: 'r2', issues: [] });
    });

    it('starts with it when the file is gone', async () => {
      const { file, cacheFile } = await start();
      rmSync(file);
      expect(sourceOf({ file, cacheFile }).current()).toMatchObject({
        revision: 'r1',
        issues: [{ problem: expect.stringMatching(/ENOENT/) }],
      });
    });

    it('of another file, or one that is damaged, is not used', async () => {
      const { cacheFile } = await start();
      const other = path.join(newFolder(), 'policy.yml');
      expect(sourceOf({ file: other, cacheFile }).current().snapshot).toBeUndefined();
      for (const damage of [
        '',
        '{}',
        '{"origin":5}\n{}',
        'not json\n{}',
        `{"origin":${JSON.stringify(other)}}\n{"version":2}`,
      ]) {
        writeFileSync(cacheFile, damage);
        expect(sourceOf({ file: other, cacheFile }).current().snapshot).toBeUndefined();
      }
    });

    it('that cannot be written is an issue, but the policy is in force', async () => {
      const file = path.join(newFolder(), 'policy.yml');
      writeFileSync(file, policy('r1'));
      const source = sourceOf({ file, cacheFile: path.join(file, 'below-a-file') });
      await source.refresh();
      expect(source.current()).toMatchObject({
        revision: 'r1',
        issues: [{ problem: expect.stringMatching(/^The last good policy cannot be kept/) }],
      });
      expect(existsSync(file)).toBe(true);
    });
  });
});
