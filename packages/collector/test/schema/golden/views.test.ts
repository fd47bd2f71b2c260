import { expect } from 'chai';
import type { ViewParameter } from '../../../src/questions/index.js';
import { scope, useDatabase } from '../support.js';
import * as reference from './reference.js';
import { END, START, visits } from './visits.js';

type Row = Record<string, never>;

describe('views against plain TypeScript over the same events', function () {
  this.timeout(180_000);
  const db = useDatabase();
  const all = visits();

  const ask = <T = Row>(view: string, more: Record<string, ViewParameter> = {}): Promise<T[]> =>
    db.views.rows<T>(view, { ...scope(START, END), ...more });
  const only = <T extends object, K extends keyof T>(rows: readonly T[], ...keys: K[]): Pick<T, K>[] =>
    rows.map((row) => Object.fromEntries(keys.map((key) => [key, row[key]])) as Pick<T, K>);
  const byKey = <T extends { key: string }>(rows: readonly T[]): T[] =>
    [...rows].sort((p, q) => (p.key < q.key ? -1 : 1));
  const closeTo = (rows: readonly object[], expected: readonly object[]): void => {
    const rounded = (list: readonly object[]): unknown =>
      JSON.parse(
        JSON.stringify(list, (_, value: unknown) =>
          typeof value === 'number' ? Number(value.toPrecision(10)) : value,
        ),
      );
    expect(rounded(rows)).to.deep.equal(rounded(expected));
  };

  /** The same answers with every day read from events and with every finished day read from the roll-ups. */
  for (const built of [false, true]) {
    describe(built ? 'days built' : 'straight from events', () => {
      before(async () => {
        if (built) await db.rollups.rebuild({ settledMs: 0, quietMs: 0, graceMs: 0 });
        else await db.store(all);
      });

      it('user_journey', async () => {
        const rows = await ask<{
          position: number;
          source: string;
          target: string;
          sessions: number;
          converted: number;
        }>('user_journey', { depth: 4, start: '', backwards: 0 });
        const got = new Map(
          rows.map((row) => [`${row.position}|${row.source}|${row.target}`, [row.sessions, row.converted]]),
        );
        expect(Object.fromEntries(got)).to.deep.equal(Object.fromEntries(reference.transitions(all, 4)));
      });

      it('journey_paths and journey_base', async () => {
        const rows = await ask<{ path: string[]; n: number; k: number }>('journey_paths', { min: 1 });
        expect(Object.fromEntries(rows.map(({ path, n, k }) => [path.join('|'), [n, k]]))).to.deep.equal(
          Object.fromEntries(reference.pathPieces(all)),
        );
        expect(await ask('journey_base')).to.deep.equal([reference.journeyBase(all)]);
        // the line without nodes is that of all sessions, whatever is followed and however rare
        const ways = await ask<{ nodes: string[]; n: number; k: number }>('journey_ways', {
          ...{ depth: 4, start: 'option:facade', backwards: 1, min: 4_294_967_295 },
        });
        const base = ways
          .filter(({ nodes }) => nodes.length === 0)
          .map(({ n, k }) => ({ sessions: n, converted: k }));
        expect(base).to.deep.equal([reference.journeyBase(all)]);
      });

      it('journey_sessions and session_steps', async () => {
        const rows = await ask<{ session: string; events: number }>('journey_sessions');
        expect(rows).to.have.length(50);
        const steps = await ask<{ seq: number; type: string }>('session_steps', {
          session: rows[0]!.session,
        });
        const own = all.filter(({ session }) => String(session) === rows[0]!.session);
        expect(steps.map(({ seq, type }) => [seq, type])).to.deep.equal(
          own.map(({ seq, type }) => [seq, type]),
        );
      });

      it('heatmap_elements, heatmap_cells, heatmap_groups, scroll_depth', async () => {
        const page = { page: '/konfigurator', kind: 'click' };
        const elements = await ask<{ element: string; n: number; visitors: number }>(
          'heatmap_elements',
          page,
        );
        expect(only(elements, 'element', 'n', 'visitors')).to.deep.equal(reference.clickedElements(all));
        const cells = await ask<{ element: string; gx: number; gy: number; n: number; visitors: number }>(
          'heatmap_cells',
          page,
        );
        expect(
          cells
            .map(({ element, gx, gy, n, visitors }) => ({ cell: `${element}|${gx}|${gy}`, n, visitors }))
            .sort((p, q) => (p.cell < q.cell ? -1 : 1)),
        ).to.deep.equal(reference.clickedCells(all));
        expect(await ask('heatmap_groups', { ...page, compare: 'inquiry' })).to.deep.equal(
          reference.clickedByGroup(all),
        );
        const middle = START + 7 * 86_400_000;
        expect(await ask('heatmap_groups', { ...page, compare: 'returning', from: middle })).to.deep.equal(
          reference.clickedByGroup(all, middle),
        );
        const depths = await ask<{ depth: number; n: number; total: number }>('scroll_depth', {
          page: page.page,
        });
        expect(only(depths, 'depth', 'n', 'total')).to.deep.equal(reference.scrolled(all));
      });

      it('attribution_paths and attribution_touches', async () => {
        const paths = await ask<{ path: string[]; conversions: number; nulls: number; value: number }>(
          'attribution_paths',
          { lookback_days: 5 },
        );
        expect(
          paths
            .map((row) => ({ ...row, path: row.path.join('>') }))
            .sort((p, q) => (p.path < q.path ? -1 : 1)),
        ).to.deep.equal(reference.attributionPaths(all, 5));
        const touches = await ask<{ channels: string[]; value: number }>('attribution_touches', {
          lookback_days: 5,
        });
        expect(touches.map(({ channels, value }) => `${channels.join('>')}=${value}`).sort()).to.deep.equal(
          reference.attributionTouches(all, 5),
        );
      });

      it('experiment_arms', async () => {
        const rows = await ask('experiment_arms', {
          experiment: 'e',
          metric: 'inquiry',
          horizon_days: 3,
          as_of: END - 86_400_000,
        });
        closeTo(rows, reference.experimentArms(all, 3, END - 86_400_000));
      });

      it('experiment_days add up to experiment_arms, by the day visitors became mature', async () => {
        type Day = { arm: string; day: number; n: number; mixed: number; k: number };
        const asOf = END - 86_400_000;
        type Told = Day & { metric: string };
        const own = { experiment: 'e', metrics: ['click', 'inquiry', 'config:save'], horizon_days: 3 };
        const told = await ask<Told>('experiment_days', { ...own, version: 1, to: asOf });
        const rows = told.filter(({ metric }) => metric === 'inquiry');
        // each metric is told as if it were the only one
        for (const metric of own.metrics)
          expect(
            await ask('experiment_days', { ...own, metrics: [metric], version: 1, to: asOf }),
          ).to.deep.equal(told.filter((row) => row.metric === metric));
        for (const at of [asOf, asOf - 5 * 86_400_000]) {
          const expected = reference.experimentArms(
            all.filter(({ ts }) => ts < asOf),
            3,
            at,
          );
          const lastDay = Math.floor((at - START) / 86_400_000);
          const got = expected.map(({ arm }) => {
            const until = rows.filter((row) => row.arm === arm && row.day >= 1 && row.day <= lastDay);
            const sum = (of: 'n' | 'k'): number => until.reduce((total, row) => total + row[of], 0);
            return { arm, n: sum('n'), k: sum('k') };
          });
          expect(got).to.deep.equal(only(expected, 'arm', 'n', 'k'));
        }
        const exposures = await ask<{ mixed: number }>('experiment_exposures', { experiment: 'e', to: asOf });
        const total = (list: readonly { mixed: number }[]): number =>
          list.reduce((sum, row) => sum + row.mixed, 0);
        expect(total(rows)).to.equal(total(exposures));
      });

      it('price_bands and price_shock', async () => {
        const bands = await ask<{ price_from: number; n: number; k: number }>('price_bands', {
          bucket: 20_000,
        });
        expect(only(bands, 'price_from', 'n', 'k')).to.deep.equal(reference.priceBands(all, 20_000));
        const shock = await ask<{ option_id: string; jump_from: number; n: number; k: number }>(
          'price_shock',
          { bucket: 1000 },
        );
        expect(
          byKey(shock.map(({ option_id, jump_from, n, k }) => ({ key: `${option_id}|${jump_from}`, n, k }))),
        ).to.deep.equal(reference.priceShock(all, 1000));
      });

      it('price_demand adds up to price_bands and to price_shock', async () => {
        const rows = await ask<{ key: string; price_from: number; price: number; n: number; k: number }>(
          'price_demand',
          { bucket: 20_000, jump_bucket: 1000 },
        );
        const summed = (some: typeof rows) => {
          const cells = new Map<string, { key: string; n: number; k: number }>();
          for (const { key: own, price_from, n, k } of some) {
            const key = `${own}|${price_from}`;
            const before = cells.get(key) ?? { key, n: 0, k: 0 };
            cells.set(key, { key, n: before.n + n, k: before.k + k });
          }
          return byKey([...cells.values()]);
        };
        const bands = reference.priceBands(all, 20_000);
        expect(summed(rows.filter(({ key }) => key === 'all'))).to.deep.equal(
          byKey(bands.map(({ price_from, n, k }) => ({ key: `all|${price_from}`, n, k }))),
        );
        // price_shock counts those who left
        expect(summed(rows.filter(({ key }) => key !== 'all'))).to.deep.equal(
          reference.priceShock(all, 1000).map(({ key, n, k }) => ({ key, n, k: n - k })),
        );
        for (const { price, price_from, key } of rows)
          expect(price).to.be.within(price_from, price_from + (key === 'all' ? 20_000 : 1000));
      });

      it('option_pairs, option_shares, popular_configs', async () => {
        expect(await ask('option_pairs', { min: 1 })).to.deep.equal(reference.optionPairs(all));
        const shares = await ask<{ group: string; option: string; n: number; k: number; total: number }>(
          'option_shares',
        );
        expect(
          byKey(shares.map(({ group, option, n, k, total }) => ({ key: `${group}|${option}`, n, k, total }))),
        ).to.deep.equal(reference.optionShares(all));
        const configs = await ask<{ config: string; visitors: number; sessions: number; inquiries: number }>(
          'popular_configs',
        );
        expect(only(configs, 'config', 'visitors', 'sessions', 'inquiries')).to.deep.equal(
          reference.popular(all),
        );
      });

      it('configurations_built and configurations', async () => {
        const rows = await ask<{
          config: string;
          visitors: number;
          inquiries: number;
          ended: number;
          price: number | null;
        }>('configurations_built');
        expect(only(rows, 'config', 'visitors', 'inquiries')).to.deep.equal(
          reference.popular(all).map(({ config, visitors, inquiries }) => ({ config, visitors, inquiries })),
        );
        const popular = await ask<{
          config: string;
          price: number | null;
          model: string;
          parts: Record<string, string>;
        }>('popular_configs');
        closeTo(only(rows, 'config', 'price'), only(popular, 'config', 'price'));
        const held = await ask<{ config: string; model: string; parts: string }>('configurations');
        const parts = new Map(
          held.map((row) => [row.config, JSON.parse(row.parts) as Record<string, string>]),
        );
        for (const one of popular) expect(parts.get(one.config)).to.deep.equal(one.parts);
        const shares = new Map<string, number>();
        for (const { config, ended } of rows)
          for (const [group, option] of ended > 0 ? Object.entries(parts.get(config)!) : [])
            shares.set(`${group}|${option}`, (shares.get(`${group}|${option}`) ?? 0) + ended);
        expect(byKey([...shares].map(([key, n]) => ({ key, n })))).to.deep.equal(
          byKey(reference.optionShares(all).map(({ key, n }) => ({ key, n }))),
        );
      });

      it('decision_path and abandoned_value', async () => {
        closeTo(await ask('decision_path'), reference.decisionPath(all));
        expect(await ask('abandoned_value')).to.deep.equal(reference.abandoned(all));
      });

      it('abandoned', async () => {
        const rows = await ask<{
          stage: string;
          n: number;
          value: number;
          stopped: number;
          returned: number;
        }>('abandoned');
        const left = rows.filter(({ n }) => n > 0).sort((p, q) => q.value - p.value);
        expect(only(left, 'stage', 'n', 'value')).to.deep.equal(reference.abandoned(all));
        const back = rows.filter(({ stopped }) => stopped > 0);
        expect(only(back, 'stage', 'stopped', 'returned')).to.deep.equal(reference.returned(all));
      });

      it('visitor_features', async () => {
        const rows = await ask<{ visitor: string }>('visitor_features');
        closeTo(
          rows.sort((p, q) => Number(p.visitor) - Number(q.visitor)),
          reference.features(all, END),
        );
      });

      it('errors', async () => {
        const rows = await ask<{ time: string; fingerprint: string; n: number; sessions: number }>('errors', {
          step: 86_400,
        });
        const dayOf = (ts: number): string => new Date(ts + 2 * 3_600_000).toISOString().slice(0, 10);
        expect(
          byKey(
            rows.map(({ time, fingerprint, n, sessions }) => ({
              key: `${dayOf(Date.parse(time))}|${fingerprint}`,
              n,
              sessions,
            })),
          ),
        ).to.deep.equal(reference.errorsByDay(all, dayOf));
      });
    });
  }
});
