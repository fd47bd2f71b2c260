import { VIEW_PARAMETERS, type ViewName, type ViewParameters } from './views.generated';

export type { ViewName } from './views.generated';

/** Text that Grafana fills in: a macro of the data source or a dashboard variable, already in its format. */
export interface Expression {
  readonly expression: string;
}

export type Value = string | number | readonly string[] | Expression;

/** Start and end of the time range, half-open; expanded in Grafana's backend, so they work in alerts. */
export const FROM: Expression = { expression: '$__fromTime_ms' };
export const TO: Expression = { expression: '$__toTime_ms' };
/** Width of a bucket that fits the panel, in seconds. */
export const STEP: Expression = { expression: '$__interval_s' };

/** A variable with one value. */
export const variable = (name: string): Expression => ({ expression: `\${${name}:singlequote}` });

/** A variable with several values; its "All" must be the custom value `'*'`, which is inserted as it is. */
export const listVariable = (name: string): Expression => ({ expression: `[\${${name}:singlequote}]` });

const quoted = (text: string): string => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;

const literal = (value: Value): string => {
  if (typeof value === 'number') {
    return String(value);
  }
  if (typeof value === 'string') {
    return quoted(value);
  }
  return 'expression' in value ? value.expression : `[${value.map(quoted).join(',')}]`;
};

/**
 * The only way this package writes SQL: every question is a view of the collector's schema, which holds the SQL.
 * A parameter that is missing is an error of ClickHouse (456), one that it does not know is ignored silently: a typo
 * would be a filter that does nothing. So names are checked by the compiler and once more here.
 * @throws {Error} naming the parameter
 */
export const view = <N extends ViewName>(name: N, parameters: ViewParameters[N]): string => {
  const known: readonly string[] = VIEW_PARAMETERS[name];
  const given = parameters as Readonly<Record<string, Value>>;
  const wrong = [
    ...known.filter((one) => !(one in given)).map((one) => `missing ${one}`),
    ...Object.keys(given)
      .filter((one) => !known.includes(one))
      .map((one) => `unknown ${one}`),
  ];
  if (wrong.length > 0) {
    throw new Error(`view ${name}: ${wrong.join(', ')}`);
  }
  const list = known.map((one) => `${one}=${literal(given[one]!)}`).join(', ');
  return `SELECT * FROM lintel.${name}${known.length > 0 ? `(${list})` : ''}`;
};
