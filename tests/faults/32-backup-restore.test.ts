import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  parseManifest,
  renderManifest,
  type Manifest,
} from '../../packages/collector/src/backup/manifest.js';
import { expectExactlyOnce } from '../support/books.js';
import { startCollector, type Collector } from '../support/collector.js';
import { lintel } from '../support/command.js';
import { startLoad, type Load } from '../support/load.js';
import { createRandom, scaled } from '../support/scale.js';
import { settled } from '../support/settled.js';
import { OWNER_TOKEN } from '../support/site.js';
import { readStatus } from '../support/status.js';
import { more } from '../support/until-load.js';
import { until } from '../support/until.js';

const EVENTS = scaled(300, 5_000);

const command = (collector: Collector, ...args: string[]) =>
  lintel(args, { ...collector.env, LINTEL_TOKEN: OWNER_TOKEN });

/** Waits for the database, makes a backup. @returns its folder */
const backup = async (collector: Collector): Promise<string> => {
  const { code, stdout, stderr } = await command(collector, 'backup');
  expect(code, stderr).to.equal(0);
  const folder = stdout.split('\n').find((line) => line.startsWith(join(collector.dataDir, 'backups/')));
  expect(folder, stdout).to.be.a('string');
  return folder!;
};

const restore = async (collector: Collector, folder: string): Promise<string> => {
  const { code, stdout, stderr } = await command(collector, 'restore', '--from', folder);
  expect(code, stdout + stderr).to.equal(0);
  return stdout;
};

/** The collector has migrated the database, which answers before that, and flushes into it. */
const untilFlushed = (collector: Collector): Promise<unknown> =>
  until('something is stored', async () => {
    if ((await readStatus(collector)).database.state !== 'ready') return false;
    const rows = await collector.database.rows('SELECT 1 FROM lintel.ingest_batches LIMIT 1').catch(() => []);
    return rows.length > 0;
  });

interface Contents {
  batches: number;
  rows: number;
  hash: string;
}

const contents = async ({ database }: Collector, batches: readonly string[]): Promise<Contents> => {
  const [row] = await database.rows<Contents>(
    `SELECT uniqExact(batch) AS batches, count() AS rows, toString(groupBitXor(cityHash64(*))) AS hash
     FROM lintel.events WHERE batch IN (${batches.join(', ')})`,
  );
  return row!;
};

const batchesOf = async ({ database }: Collector): Promise<string[]> => {
  const rows = await database.rows<{ batch: string }>(
    'SELECT DISTINCT toString(batch) AS batch FROM lintel.ingest_batches',
  );
  return rows.map(({ batch }) => batch);
};

/** Fault 32: backups that are needed, and backups that are no good. */
describe('32 backup and restore', function () {
  this.timeout(scaled(240_000, 1_800_000));
  let collector: Collector;
  let load: Load | null = null;
  let folder: string;
  const acknowledged = new Map<string, number>();

  const remember = async (ended: Load): Promise<void> => {
    for (const [stream, count] of await ended.finish()) acknowledged.set(stream, count);
    load = null;
  };

  before(async () => {
    collector = await startCollector();
  });
  after(async () => {
    await load?.finish();
    await collector?.remove();
  });

  it('brings a database back that was wiped under load: nothing lost, nothing doubled, contents the same', async () => {
    load = startLoad(collector.publicUrl, { visitors: 10, pauseMs: 20 });
    await untilFlushed(collector);
    await more(load, EVENTS);
    folder = await backup(collector);
    const covered = await batchesOf(collector);
    await more(load, EVENTS);
    await until('something was stored after the backup', async () => {
      const batches = await batchesOf(collector);
      return batches.length > covered.length;
    });
    const stored = await batchesOf(collector);
    const before = await contents(collector, stored);

    await collector.kill();
    rmSync(join(collector.dataDir, 'clickhouse'), { recursive: true });
    await collector.start();
    await untilFlushed(collector);
    // stored in the new, empty database before the restore
    await more(load, EVENTS);

    const said = await restore(collector, folder);
    const broughtBack = Number(/events since: (\d+) brought back/.exec(said)?.[1]);
    expect(broughtBack, said).to.be.greaterThan(0);
    expect(await contents(collector, stored)).to.eql(before);
    await more(load, EVENTS);
    await remember(load);
    const { events } = await expectExactlyOnce(collector, acknowledged);
    process.stdout.write(
      `    ${events} events; ${said
        .split('\n')
        .filter((line) => /is restored|events since/.test(line))
        .join('; ')}\n`,
    );
  });

  /** A copy of the backup, damaged by `work`, is refused, and the live tables stay as they are. */
  const expectRefused = async (
    work: (copy: string, manifest: Manifest) => Manifest | void,
    named: RegExp,
  ): Promise<void> => {
    const copy = join(collector.dataDir, 'damaged');
    cpSync(folder, copy, { recursive: true });
    try {
      const file = join(copy, 'manifest.json');
      const changed = work(copy, parseManifest(readFileSync(file, 'utf8')));
      if (changed) writeFileSync(file, renderManifest(changed));
      const stored = await batchesOf(collector);
      const before = await contents(collector, stored);
      const { code, stderr, stdout } = await command(collector, 'restore', '--from', copy);
      expect(code, stdout + stderr).to.equal(78);
      expect(stderr.trimEnd().split('\n'), stderr).to.have.length(1);
      expect(stderr)
        .to.match(/^lintel: /)
        .and.to.match(named);
      expect(await contents(collector, stored)).to.eql(before);
      const beside = await collector.database.rows(
        "SELECT name FROM system.tables WHERE database = 'lintel_restore'",
      );
      expect(beside, 'left beside the live tables').to.eql([]);
    } finally {
      rmSync(copy, { recursive: true });
    }
  };

  const largest = (manifest: Manifest): Manifest['files'][number] =>
    [...manifest.files].sort((a, b) => b.size - a.size)[0]!;

  it('refuses an archive with one flipped bit', () =>
    expectRefused((copy, manifest) => {
      const file = join(copy, 'archive', largest(manifest).path);
      const bytes = readFileSync(file);
      bytes[Math.floor(bytes.length / 2)]! ^= 1;
      writeFileSync(file, bytes);
    }, /checksum of .* is not the one of the manifest/));

  it('refuses an archive that was cut short, and one with a file missing', async () => {
    await expectRefused((copy, manifest) => {
      const { path, size } = largest(manifest);
      truncateSync(join(copy, 'archive', path), size - 1);
    }, /has \d+ bytes, the manifest says \d+/);
    await expectRefused((copy, manifest) => {
      rmSync(join(copy, 'archive', largest(manifest).path));
    }, /cannot be read \(ENOENT\)/);
  });

  it('refuses a damaged manifest, and a folder without one', async () => {
    await expectRefused((copy) => {
      const file = join(copy, 'manifest.json');
      const bytes = readFileSync(file);
      bytes[bytes.indexOf('"rows": ') + 8]! ^= 1;
      writeFileSync(file, bytes);
    }, /the manifest is damaged/);
    await expectRefused((copy) => rmSync(join(copy, 'manifest.json')), /is no backup/);
  });

  it('refuses a newer schema, another migration, a newer engine and a newer manifest', async () => {
    await expectRefused(
      (_copy, manifest) => ({
        ...manifest,
        migrations: [...manifest.migrations, { version: 999, sha256: '0'.repeat(64) }],
      }),
      /schema 999, this build knows \d+: use a newer Lintel/,
    );
    await expectRefused(
      (_copy, manifest) => ({
        ...manifest,
        migrations: manifest.migrations.map((one) => ({ ...one, sha256: '0'.repeat(64) })),
      }),
      /migration 1 of the backup is not the one of this build/,
    );
    await expectRefused((_copy, manifest) => ({ ...manifest, engine: '99.1.1.1' }), /engine 99\.1\.1\.1/);
    await expectRefused((_copy, manifest) => ({ ...manifest, format: 2 }), /format 2/);
  });

  it('refuses, after it was restored beside the live tables, what does not hold what its manifest says', async () => {
    const with_ =
      (change: (table: Manifest['tables'][number]) => Manifest['tables'][number]) =>
      (_copy: string, manifest: Manifest): Manifest => ({
        ...manifest,
        tables: manifest.tables.map((table) => (table.name === 'events' ? change(table) : table)),
      });
    await expectRefused(
      with_((table) => ({ ...table, rows: table.rows + 1 })),
      /table events has \d+ rows, the manifest says \d+/,
    );
    await expectRefused(
      with_((table) => ({ ...table, hash: '1' })),
      /contents of table events are not those of the manifest/,
    );
  });

  it('restores over a database that is well: what it has beyond the backup stays, once', async () => {
    const stored = await batchesOf(collector);
    const before = await contents(collector, stored);
    await restore(collector, folder);
    expect(await contents(collector, stored)).to.eql(before);
    await expectExactlyOnce(collector, acknowledged);
  });

  it('ends with everything, once, however often it is killed while it makes a backup or restores one', async () => {
    const random = createRandom(32);
    const killed = { backup: 0, restore: 0, done: 0 };
    load = startLoad(collector.publicUrl, { visitors: 5, pauseMs: 20 });
    for (let kill = 0; kill < scaled(3, 40); kill++) {
      const verb = kill % 3 === 1 ? 'backup' : 'restore';
      await more(load, scaled(50, 300));
      const running =
        verb === 'backup' ? command(collector, verb) : command(collector, verb, '--from', folder);
      await sleep(random() * 4000);
      await collector.kill();
      const { code } = await running;
      killed[verb] += code === 0 ? 0 : 1;
      killed.done += code === 0 ? 1 : 0;
      await collector.start();
      await more(load, 50);
      await untilFlushed(collector);
    }
    await restore(collector, folder);
    await remember(load);
    const { events } = await expectExactlyOnce(collector, acknowledged);
    process.stdout.write(`    ${events} events; ${JSON.stringify(killed)}\n`);
  });

  it('moves to a new machine: the books go on from those of the old one', async () => {
    load = startLoad(collector.publicUrl, { visitors: 5, pauseMs: 20 });
    await more(load, EVENTS);
    await remember(load);
    await settled(collector);
    const last = await backup(collector);
    const machine = await startCollector();
    try {
      load = startLoad(machine.publicUrl, { visitors: 5, pauseMs: 20 });
      await untilFlushed(machine);
      await more(load, EVENTS);
      // its own log is off before its first backup: what it stored until now is only in the tables that are replaced
      const said = await restore(machine, last);
      expect(Number(/(\d+) carried over/.exec(said)?.[1]), said).to.be.greaterThan(0);
      await more(load, EVENTS);
      await remember(load);
      await expectExactlyOnce(machine, acknowledged);
    } finally {
      await machine.remove();
    }
  });
});
