import { mkdtemp, readFile, readdir, rename, rm, stat, unlink, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definition, noon, sighting } from '../domain/pins/testing/tools.ts';
import { toolHash } from '../domain/pins/tool-hash.ts';
import { pinOpinion } from '../domain/pins/pin-opinion.ts';
import { describePinStore } from '../ports/pin-store.contract.ts';
import { FilePinStore } from './file-pin-store.ts';

let folder = '';
let file = '';
let problems: string[] = [];
const stores: FilePinStore[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pin-store-'));
  file = path.join(folder, 'mcp-governance', 'tool-pins.json');
  problems = [];
});
afterEach(async () => {
  await Promise.allSettled(stores.splice(0).map((store) => store.close()));
  await rm(folder, { recursive: true, force: true });
});

/** Writes by itself only after an hour: what a test finds in the file was put there by `approve` or `close`. */
const open = (writeDelayMs = 3_600_000): FilePinStore => {
  const store = new FilePinStore({
    file,
    now: () => noon,
    onProblem: (problem) => problems.push(problem),
    writeDelayMs,
  });
  stores.push(store);
  return store;
};

describePinStore({
  name: 'the file store',
  create: () => open(),
  restart: async (store) => {
    await store.close();
    return open();
  },
});

const order = definition('get_order');
const changed = definition('get_order', 'Something else.');
const orderHash = toolHash(order);

/** A file with one approved tool. */
const writeApproved = async (): Promise<void> => {
  const store = open();
  store.observe('orders', sighting([order]), noon);
  await store.approve('orders', 'get_order', orderHash, noon);
  await store.close();
};

const asideFiles = async (): Promise<readonly string[]> =>
  (await readdir(path.dirname(file))).filter((name) => name.includes('.corrupt-'));

describe('the file', () => {
  it('has mode 0600 in a folder of mode 0700, and no temporary file stays beside it', async () => {
    await writeApproved();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readdir(path.dirname(file))).toEqual(['tool-pins.json']);
  });

  it('holds an approval when approve resolves, without a close', async () => {
    const store = open();
    store.observe('orders', sighting([order]), noon);
    expect(await store.approve('orders', 'get_order', orderHash, noon)).toBe(true);
    expect(open().stateOf('orders', 'get_order')).toBe('approved');
  });

  it('gets what was seen after the delay, in one write', async () => {
    const store = open(1);
    for (let index = 0; index < 50; index += 1) store.observe('orders', sighting([definition(`t${index}`)]), noon);
    await expect.poll(async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').length).toBe(53);
    expect(store.health()).toEqual({ ok: true });
  });

  it('is not written again when nothing changed', async () => {
    await writeApproved();
    const { ino } = await stat(file);
    const store = open(1);
    store.observe('orders', sighting([order]), noon + 5);
    store.observe('orders', sighting([order], 'bob'), noon + 6);
    await store.close();
    expect((await stat(file)).ino).toBe(ino);
  });

  it('is not made by a store that saw nothing', async () => {
    await open().close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is left whole by a process that died between writing and renaming, and its leftover is no obstacle', async () => {
    await writeApproved();
    await writeFile(`${file}.${process.pid}.tmp`, '{"version":1,"tools":[{"ser', { mode: 0o644 });
    const store = open();
    expect(store.stateOf('orders', 'get_order')).toBe('approved');
    store.observe('orders', sighting([changed]), noon);
    await store.close();
    expect(open().stateOf('orders', 'get_order')).toBe('changed');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('a corrupt file', () => {
  type Entry = Record<string, unknown>;
  const altered = (change: (entry: Entry) => void) => async (): Promise<void> => {
    await writeApproved();
    const content = JSON.parse(await readFile(file, 'utf8')) as { tools: [Entry] };
    change(content.tools[0]);
    await writeFile(file, JSON.stringify(content));
  };

  it.each<[string, () => Promise<void>]>([
    ['is cut', async () => writeFile(file, (await readFile(file, 'utf8')).slice(0, -20))],
    ['is empty', () => writeFile(file, '')],
    ['is another JSON value', () => writeFile(file, '[]')],
    ['has no version', () => writeFile(file, '{"tools":[]}')],
    ['gives a key twice', () => writeFile(file, '{"version":1,"tools":[],"tools":[]}')],
    ['has a definition that its hash does not name', altered((entry) => (entry['definition'] = changed))],
    ['has an approved hash without its definition', altered((entry) => (entry['approvedHash'] = toolHash(changed)))],
    ['calls a tool approved that no hash approves', altered((entry) => delete entry['approvedHash'])],
    ['calls an approved tool changed', altered((entry) => (entry['state'] = 'changed'))],
    ['has an unknown state', altered((entry) => (entry['state'] = 'trusted'))],
    ['lacks a time', altered((entry) => delete entry['firstSeenAt'])],
    ['has a warning that is no text', altered((entry) => (entry['warnings'] = [1]))],
  ])('that %s is kept aside, loudly, and everything is refused until approved again', async (_title, spoil) => {
    await writeApproved();
    await spoil();
    const spoilt = await readFile(file, 'utf8');
    const store = open();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^tool pins: .* is corrupt \(.*\) and was kept as .*corrupt-\d+: every tool is new again/,
    );
    expect(await readFile(`${file}.corrupt-${noon}`, 'utf8')).toBe(spoilt);
    expect(store.health()).toMatchObject({ ok: false, historyLost: true });

    store.observe('orders', sighting([changed]), noon);
    expect(store.stateOf('orders', 'get_order')).toBe('new');
    expect(pinOpinion('quarantine_changed', 'new', { historyLost: true }).effect).toBe('deny');
    expect(await store.approve('orders', 'get_order', toolHash(changed), noon)).toBe(true);
  });

  it('counts as lost after further restarts, until what was kept aside is removed', async () => {
    await writeApproved();
    await writeFile(file, 'spoilt');
    const store = open();
    store.observe('orders', sighting([order]), noon);
    await store.close();
    const second = open();
    expect(second.health()).toMatchObject({ ok: false, historyLost: true });
    expect(problems).toHaveLength(2);
    await second.close();
    for (const name of await asideFiles()) await unlink(path.join(path.dirname(file), name));
    expect(open().health()).toEqual({ ok: true });
  });

  it('comes back whole when an operator puts a good copy in its place', async () => {
    await writeApproved();
    const good = await readFile(file, 'utf8');
    await writeFile(file, 'spoilt');
    await open().close();
    const [aside = ''] = await asideFiles();
    await unlink(path.join(path.dirname(file), aside));
    await writeFile(file, good);
    const store = open();
    expect([store.stateOf('orders', 'get_order'), store.health()]).toEqual(['approved', { ok: true }]);
  });

  it('that another process leaves while this one runs is replaced by what this one knows', async () => {
    const store = open();
    store.observe('orders', sighting([order]), noon);
    await store.approve('orders', 'get_order', orderHash, noon);
    await writeFile(file, 'spoilt');
    store.observe('orders', sighting([changed]), noon);
    await store.close();
    expect(open().stateOf('orders', 'get_order')).toBe('changed');
    expect(await asideFiles()).toEqual([]);
  });
});

describe('a file that must not be overwritten', () => {
  it.each<[string, () => Promise<void>, RegExp]>([
    [
      'of a later version',
      async () => {
        await rm(file);
        await writeFile(file, '{"version":2,"pins":{}}');
      },
      /it has version 2, this program knows 1/,
    ],
    [
      'that cannot be read',
      async () => {
        await rm(file);
        await mkdir(file);
      },
      /EISDIR/,
    ],
  ])('%s: nothing is written, approvals reject, the history counts as lost', async (_title, spoil, why) => {
    await writeApproved();
    await spoil();
    const before = await stat(file);
    const store = open();
    expect(problems.join()).toMatch(why);
    expect(store.health()).toMatchObject({ ok: false, historyLost: true });
    store.observe('orders', sighting([order]), noon);
    await expect(store.approve('orders', 'get_order', orderHash, noon)).rejects.toThrow();
    expect(store.stateOf('orders', 'get_order')).toBe('new');
    await store.close();
    expect((await stat(file)).ino).toBe(before.ino);
    expect(await asideFiles()).toEqual([]);
  });
});

describe('a disk that refuses', () => {
  it('makes approve reject and approve nothing, says so in health, and recovers', async () => {
    const store = open();
    store.observe('orders', sighting([order]), noon);
    await store.approve('orders', 'get_order', orderHash, noon);
    store.observe('orders', sighting([changed]), noon + 1);
    // A file where the folder should be: works for root too, unlike a mode.
    await rename(path.dirname(file), path.join(folder, 'moved'));
    await writeFile(path.dirname(file), '');
    await expect(store.approve('orders', 'get_order', toolHash(changed), noon + 2)).rejects.toThrow();
    expect(store.find('orders', 'get_order')).toMatchObject({
      state: 'changed',
      approvedHash: orderHash,
      approvedDefinition: order,
      approvedAt: noon,
      currentHash: toolHash(changed),
    });
    expect(store.health()).toMatchObject({ ok: false, historyLost: false });
    expect(problems).toHaveLength(1);

    await unlink(path.dirname(file));
    await rename(path.join(folder, 'moved'), path.dirname(file));
    expect(await store.approve('orders', 'get_order', toolHash(changed), noon + 3)).toBe(true);
    expect(store.health()).toEqual({ ok: true });
    expect(open().stateOf('orders', 'get_order')).toBe('approved');
  });

  it('makes close reject when something seen would be forgotten', async () => {
    const store = open();
    store.observe('orders', sighting([order]), noon);
    await writeFile(path.dirname(file), '');
    await expect(store.close()).rejects.toThrow();
  });
});

describe('an old and a new process at a reload', () => {
  it('keep an approval that the old one took after the new one had started', async () => {
    const old = open();
    old.observe('orders', sighting([order]), noon);
    await old.approve('orders', 'get_order', orderHash, noon);
    old.observe('orders', sighting([changed]), noon + 1);
    await old.close();
    const fresh = open();
    await old.approve('orders', 'get_order', toolHash(changed), noon + 2);
    fresh.observe('orders', sighting([definition('create_refund')]), noon + 3);
    await fresh.close();
    const later = open();
    expect([later.stateOf('orders', 'get_order'), later.stateOf('orders', 'create_refund')]).toEqual([
      'approved',
      'new',
    ]);
    // The new process has learnt it with its own write.
    expect(fresh.stateOf('orders', 'get_order')).toBe('approved');
  });

  it('do not bring an approval back over a change that one of them saw', async () => {
    const [left, right] = [open(), open()];
    left.observe('orders', sighting([order]), noon);
    await left.approve('orders', 'get_order', orderHash, noon + 1);
    right.observe('orders', sighting([changed]), noon + 2);
    await right.close();
    expect(right.stateOf('orders', 'get_order')).toBe('changed');
    expect(open().stateOf('orders', 'get_order')).toBe('changed');
  });

  it('lose no approval of 20 taken in turns', async () => {
    const pair = [open(), open()];
    const tools = Array.from({ length: 20 }, (_, index) => definition(`tool-${index}`));
    for (const store of pair) store.observe('orders', sighting(tools), noon);
    for (const [index, tool] of tools.entries())
      await pair[index % 2]?.approve('orders', tool.name, toolHash(tool), noon + index);
    expect(
      open()
        .list()
        .map(({ state }) => state),
    ).toEqual(Array<string>(20).fill('approved'));
  });
});

describe('many approvals at once', () => {
  it('are all kept when their promises resolve', async () => {
    const store = open();
    const tools = Array.from({ length: 100 }, (_, index) => definition(`tool-${index}`));
    store.observe('orders', sighting(tools), noon);
    const answers = await Promise.all(tools.map((tool) => store.approve('orders', tool.name, toolHash(tool), noon)));
    expect(answers).toEqual(Array<boolean>(100).fill(true));
    expect(
      new Set(
        open()
          .list()
          .map(({ state }) => state),
      ),
    ).toEqual(new Set(['approved']));
  });
});
