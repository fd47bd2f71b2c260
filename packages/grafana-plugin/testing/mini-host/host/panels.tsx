import React, { type ComponentType } from 'react';
import {
  FieldColorModeId,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  PanelPlugin,
  PluginType,
  VizOrientation,
  type DisplayValueAlignmentFactors,
  type FieldDisplay,
  type PanelProps,
  type ReduceDataOptions,
} from '@grafana/data';
import {
  BarGauge,
  BigValue,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  Table,
  TimeSeries,
  useTheme2,
  VizRepeater,
} from '@grafana/ui';
import { BarGaugeDisplayMode, BarGaugeNamePlacement, LegendDisplayMode } from '@grafana/schema';

/** Core panels are not on npm: these draw the same data with the same components of `@grafana/ui`. */
interface Options {
  reduceOptions: ReduceDataOptions;
  graphMode?: string;
  colorMode?: string;
}

const useDisplays = (
  { data, options, fieldConfig, replaceVariables, timeZone }: PanelProps<Options>,
  sparkline: boolean,
) => {
  const theme = useTheme2();
  return () =>
    getFieldDisplayValues({
      fieldConfig,
      reduceOptions: options.reduceOptions,
      replaceVariables,
      theme,
      data: data.series,
      sparkline,
      timeZone,
    });
};

const Stat = (props: PanelProps<Options>) => {
  const theme = useTheme2();
  const sparkline = props.options.graphMode === 'area';
  const values = useDisplays(props, sparkline);
  return (
    <VizRepeater<FieldDisplay>
      getValues={values}
      source={props.data}
      width={props.width}
      height={props.height}
      orientation={VizOrientation.Auto}
      itemSpacing={4}
      renderCounter={props.renderCounter}
      renderValue={({ value, width, height, count }) => (
        <BigValue
          value={value.display}
          {...(value.sparkline ? { sparkline: value.sparkline } : {})}
          count={count}
          width={width}
          height={height}
          theme={theme}
          colorMode={props.options.colorMode === 'none' ? BigValueColorMode.None : BigValueColorMode.Value}
          graphMode={sparkline ? BigValueGraphMode.Area : BigValueGraphMode.None}
          textMode={count > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Value}
        />
      )}
    />
  );
};

const Bars = (props: PanelProps<Options>) => {
  const theme = useTheme2();
  const values = useDisplays(props, false);
  return (
    <VizRepeater<FieldDisplay>
      getValues={values}
      source={props.data}
      width={props.width}
      height={props.height}
      orientation={VizOrientation.Horizontal}
      itemSpacing={8}
      minVizHeight={16}
      renderCounter={props.renderCounter}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width, height, alignmentFactors }) => (
        <BarGauge
          value={value.display}
          field={value.field}
          {...(value.view && value.colIndex !== undefined
            ? { display: value.view.getFieldDisplayProcessor(value.colIndex)! }
            : {})}
          width={width}
          height={height}
          orientation={VizOrientation.Horizontal}
          theme={theme}
          itemSpacing={2}
          lcdCellWidth={8}
          displayMode={BarGaugeDisplayMode.Basic}
          namePlacement={
            props.options.reduceOptions.values ? BarGaugeNamePlacement.Top : BarGaugeNamePlacement.Hidden
          }
          showUnfilled
          alignmentFactors={alignmentFactors as DisplayValueAlignmentFactors}
        />
      )}
    />
  );
};

const Lines = ({ data, timeRange, timeZone, width, height, fieldConfig }: PanelProps) =>
  data.series.every(({ length }) => length === 0) ? (
    <p>{fieldConfig.defaults.noValue ?? 'No data'}</p>
  ) : (
    <TimeSeries
      frames={data.series}
      timeRange={timeRange}
      timeZone={timeZone}
      width={width}
      height={height}
      structureRev={data.structureRev ?? 0}
      legend={{ showLegend: false, displayMode: LegendDisplayMode.Hidden, placement: 'bottom', calcs: [] }}
    />
  );

const Rows = ({ data, width, height }: PanelProps) =>
  data.series[0] ? <Table data={data.series[0]} width={width} height={height} /> : <p>No data</p>;

const plugin = (id: string, component: ComponentType<PanelProps>): PanelPlugin => {
  const made = new PanelPlugin(component).useFieldConfig({
    standardOptions: { color: { defaultValue: { mode: FieldColorModeId.Thresholds } } } as never,
    useCustomConfig: () => undefined,
  });
  made.meta = {
    id,
    name: id,
    type: PluginType.panel,
    module: '',
    baseUrl: '',
    info: {},
  } as unknown as PanelPlugin['meta'];
  return made;
};

const PANELS: Readonly<Record<string, PanelPlugin>> = {
  stat: plugin('stat', Stat as ComponentType<PanelProps>),
  gauge: plugin('gauge', Bars as ComponentType<PanelProps>),
  bargauge: plugin('bargauge', Bars as ComponentType<PanelProps>),
  timeseries: plugin('timeseries', Lines),
  table: plugin('table', Rows),
};

export const panelPlugins = {
  importPanelPlugin: async (id: string): Promise<PanelPlugin> => {
    const found = PANELS[id];
    if (!found) throw new Error(`this host has no panel ${id}`);
    return found;
  },
  getPanelPluginFromCache: (id: string): PanelPlugin | undefined => PANELS[id],
};
