/**
 * A panel as data: printed as a Scenes panel on a page and as a dashboard panel by `generate/`.
 * Every panel says what it shows, in which unit, and what stands there when there is nothing.
 */
export interface PanelSpec {
  /** Stable; the panel's id in dashboards is derived from its place, links are made with it. */
  key: string;
  kind: 'stat' | 'gauge' | 'bargauge' | 'timeseries' | 'table';
  title: string;
  description: string;
  /** Grafana's id of a unit: `short`, `s`, `percentunit`, … */
  unit: string;
  /** Shown instead of a value when there is none. */
  noValue: string;
  sql: string;
  /** Columns that are drawn; the others are dropped (Grafana adds a column's name to every bar when it sees several). */
  columns: readonly string[];
  /** Only rows whose column has this value. */
  where?: { column: string; equals: string };
  /** Every row is a value of its own; otherwise the rows of a column are reduced to one. */
  rows?: boolean;
  calc?: 'lastNotNull' | 'sum';
  min?: number;
  max?: number;
  decimals?: number;
  /** Ascending; the first has no value. Colours are names of Grafana's palette. */
  thresholds?: ReadonlyArray<{ value: number | null; color: string }>;
  /** Words for values of text columns, in the reader's language. */
  words?: Readonly<Record<string, string>>;
  /** Names for columns, in the reader's language. */
  names?: Readonly<Record<string, string>>;
  /** One colour of Grafana's palette for every value; a rainbow would say that steps differ in kind. */
  color?: string;
  sparkline?: boolean;
  draw?: 'bars' | 'line';
}

/** `t` of `@grafana/i18n`, as an argument, so that a file of specs can be read without Grafana. */
export type Translate = (key: string, text: string) => string;
