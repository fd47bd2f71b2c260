/**
 * Text that many views share. The collector's reader and Grafana see parameters only: everything is expanded when
 * the views are made.
 * A from · Z to · S steps · R site and range · G filters but for the model, F all of them, M likewise where a row has no
 * model of its own · Y who looked at the model · H no bot · N both · W the same in the range ·
 * V with a visitor · P with consent · T bucket of the time axis · U unit that walks a funnel · K click kind ·
 * O place of an event in time: milliseconds and number as one integer ·
 * X weight of an event
 */
const MACROS: Readonly<Record<string, string>> = {
  A: "{from:DateTime64(3,'UTC')}",
  Z: "{to:DateTime64(3,'UTC')}",
  S: '{steps:Array(String)}',
  R: 'site_id={site:UInt16} AND ts>=$A AND ts<$Z',
  G: [
    "(has({device:Array(String)},'*') OR device IN {device:Array(String)})",
    "(has({channel:Array(String)},'*') OR channel IN {channel:Array(String)})",
    "(has({country:Array(String)},'*') OR country IN {country:Array(String)})",
    "({segment:String}='*' OR visitor IN (SELECT visitor FROM segment_members WHERE site_id={site:UInt16} AND segment={segment:String}))",
  ].join(' AND '),
  // the model of a visitor is what he ever looked at in the range, not what this event is about; what no visitor did (an
  // order that a server tells of) has only its own
  F: "$G AND (has({model:Array(String)},'*') OR $Y OR (visitor = 0 AND model IN {model:Array(String)}))",
  M: "$G AND (has({model:Array(String)},'*') OR $Y)",
  Y: 'visitor IN (SELECT visitor FROM journey WHERE $R AND visitor != 0 AND model IN {model:Array(String)})',
  // crawlers (1) and floods (4) are left out, driven browsers (2) are marked and counted
  H: 'bitAnd(bot,5)=0',
  // the order of events in one number: those of a stream stay below 2^20
  I: 'toUnixTimestamp64Milli(events.ts) * 1048576 + seq',
  N: '$H AND $F',
  W: '$R AND $N',
  V: '$W AND visitor!=0',
  P: "$V AND consent!='none'",
  // toStartOfInterval cuts intervals given in seconds in UTC, whatever the zone is: days would start at the wrong
  // midnight, hours of Kolkata at half past
  T: [
    'multiIf({step:UInt32}>=604800,toDateTime(toStartOfWeek(ts,1,{tz:String}),{tz:String})',
    '{step:UInt32}>=86400,toStartOfDay(ts,{tz:String})',
    '{step:UInt32}>=3600,toStartOfInterval(toDateTime(ts),toIntervalHour(greatest(1,intDiv({step:UInt32},3600))),{tz:String})',
    'toStartOfInterval(toDateTime(ts),toIntervalSecond({step:UInt32}),{tz:String}))',
  ].join(', '),
  // nested, because only `if` drops the branches not taken and the columns they would read
  U: "if({unit:String}='visitor',visitor, if({unit:String}='session',session, sipHash64(stream)))",
  // numbers stay below 2^20; one integer is compared and gathered many times faster than a tuple
  O: 'bitOr(bitShiftLeft(toUInt64(toUnixTimestamp64Milli(ts)), 20), toUInt64(seq))',
  // a sampled event stands for those that were not sent; a share is what anybody may write, so there is a limit
  X: 'if(rate > 0, round(1 / greatest(rate, 0.001), 3), 1)',
  K: "multiIf({kind:String}='rage','rage_click', {kind:String}='dead','dead_click', 'click')",
};

/** @throws {Error} for a `$X` that is none */
export const expandMacros = (sql: string): string => {
  const expanded = sql.replace(/\$([A-Z])(?![A-Za-z0-9_])/g, (match, name: string) => {
    const text = MACROS[name];
    if (text === undefined) throw new Error(`unknown macro ${match}`);
    return text;
  });
  return expanded === sql ? sql : expandMacros(expanded);
};

const SAFE = [
  // the default, 0, switches deduplication off
  'non_replicated_deduplication_window = 10000',
  // acknowledged rows leave the buffer: they must be on the disk by then
  'fsync_after_insert = 1',
  'fsync_part_directory = 1',
  'min_rows_to_fsync_after_merge = 1',
].join(', ');

const TYPES: readonly (readonly [RegExp, string])[] = [
  [/\bLabel\b/g, 'LowCardinality(String)'],
  [/\bMs\b/g, "DateTime64(3, 'UTC')"],
  [/\bSec\b/g, "DateTime('UTC')"],
];

/** The short type names of the migrations, `{safe}`, and the database of the wrapped keys. */
export const expandTypes = (sql: string, database = 'lintel'): string =>
  TYPES.reduce((text, [name, type]) => text.replace(name, type), sql)
    .replaceAll('{keys}', `${database}_keys`)
    .replaceAll('{safe}', `SETTINGS ${SAFE}`);
