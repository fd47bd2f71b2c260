import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { target } from '../../src/queries/target.js';

/** Chosen by the dashboard's variable: nobody's uid stands in a bundled dashboard. */
export const DATASOURCE = { type: 'grafana-clickhouse-datasource', uid: '${ds}' };

/** A query of the official ClickHouse data source, for which the SDK has no builder. */
export class ClickHouseQuery implements Builder<Dataquery> {
  constructor(
    private readonly refId: string,
    private readonly sql: string,
  ) {}

  build(): Dataquery {
    return { ...target(this.refId, this.sql), datasource: DATASOURCE } as unknown as Dataquery;
  }
}
