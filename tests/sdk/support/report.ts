import { writeFileSync } from 'node:fs';

/** What came of one fault at one round-trip time. */
export interface Outcome {
  fault: string;
  rttMs: number;
  runs: number;
  /** Runs whose events were complete only after the visitor opened the site once more. */
  late: number;
  /** Events that the runs made, those of them in the table, and rows beyond one each. */
  events: number;
  stored: number;
  duplicates: number;
  /** Events that came over the line once more; the collector knew them. */
  sentAgain: number;
  /** As `data-quality` answers: numbers that all streams used, also those of views and vitals; how many are stored. */
  generated: number;
  kept: number;
  /** Lower end of its 95 % interval for the capture rate, 0…1. */
  atLeast: number;
}

const HEAD = [
  'fault',
  'RTT, ms',
  'runs',
  'by the next visit',
  'events',
  'stored',
  'duplicates',
  'sent again',
  'numbered, by `data-quality`',
  'of them stored',
  'capture rate (95 %: at least)',
];
const percent = (share: number): string => `${Math.round(share * 1e6) / 1e4} %`;
const rate = (kept: number, generated: number, atLeast?: number): string =>
  percent(generated ? kept / generated : 0) + (atLeast === undefined ? '' : ` (${percent(atLeast)})`);
const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

/** The outcomes as Markdown. */
export const table = (outcomes: readonly Outcome[]): string => {
  const sum = (of: (one: Outcome) => number): number => outcomes.reduce((total, one) => total + of(one), 0);
  const generated = sum((one) => one.generated);
  const kept = sum((one) => one.kept);
  return [
    line(HEAD),
    `|---${'|---:'.repeat(HEAD.length - 1)}|`,
    ...outcomes.map((one) =>
      line([
        one.fault,
        one.rttMs,
        one.runs,
        one.late,
        one.events,
        one.stored,
        one.duplicates,
        one.sentAgain,
        one.generated,
        one.kept,
        rate(one.kept, one.generated, one.atLeast),
      ]),
    ),
    line([
      '**all**',
      '',
      ...[
        sum((one) => one.runs),
        sum((one) => one.late),
        sum((one) => one.events),
        sum((one) => one.stored),
        sum((one) => one.duplicates),
        sum((one) => one.sentAgain),
        generated,
        kept,
        rate(kept, generated),
      ].map((cell) => `**${cell}**`),
    ]),
  ].join('\n');
};

/** @param command what was typed to get this table */
export const writeTable = (path: string, command: string, outcomes: readonly Outcome[]): void =>
  writeFileSync(
    path,
    `# The SDK: delivery under faults

\`${command}\`, ${new Date().toISOString().slice(0, 10)}: real Chromium, the real collector with its ClickHouse, a proxy between them
that adds half of the round-trip time each way and drops what a closed socket had under way. Level \`statistics\`.

- *by the next visit*: runs whose events were on the device, and not complete in the table before the visitor opened the site
  once more. Where the fault takes the page's browser, renderer or network, a next visit is part of the fault and not counted.
- *events*: what the runs tell with \`track\`. Where the browser is killed while it writes, only those that its files held
  when it was dead: the others count as neither told nor lost. *stored*: how many of them are in the table; *duplicates*: rows beyond one each.
- *sent again*: events that travelled once more because an answer was lost; the collector knew them by (stream, seq).
- *numbered* and *capture rate*: the answers of \`data-quality\` for the site of that fault, over everything that got a number,
  so also views, vitals and attention; the test fails when they differ from the table. What a page numbered behind its last
  stored event and took with it when it died is in no account.

${table(outcomes)}
`,
  );
