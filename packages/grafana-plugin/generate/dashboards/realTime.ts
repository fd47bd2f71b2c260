import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelSpec, Translate } from '../../src/queries/panelSpec.js';
import {
  atPriceNow,
  captureRate,
  capturedEvents,
  configuringNow,
  errorsNow,
  eventsByMinute,
  inquiriesToday,
  liveSteps,
  newestEvent,
  visitorsByMinute,
  visitorsNow,
} from '../../src/queries/panels.js';
import { panel } from './panel.js';
import { siteVariables } from './variables.js';

/** Dashboards are in English: Grafana has no translations for those of a plugin. */
const english: Translate = (_key, text) => text;

/** A dashboard cannot take the zone of a variable, so a day is the viewer's day here; Home knows the site's. */
const viewersDay = (spec: PanelSpec): PanelSpec => ({
  ...spec,
  description:
    `${spec.description.replace(' in the time zone of the site', '')}. The day begins at midnight in the time zone of this dashboard.`.replace(
      /\.\. /,
      '. ',
    ),
});

const DAY = { timeFrom: 'now/d' };

export const realTime = (): Dashboard =>
  new DashboardBuilder('Lintel: real time')
    .uid('lintel-real-time')
    .description('What happens now: visitors, steps, inquiries, and whether everything arrives')
    .tags(['lintel'])
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-30m', to: 'now' })
    .refresh('5s')
    .variables(siteVariables())
    .link(
      new DashboardLinkBuilder('Lintel Home')
        .type(DashboardLinkType.Link)
        .url('/a/lintel-app/home')
        .includeVars(true)
        .keepTime(false),
    )
    .withPanel(panel(visitorsNow(english), { id: 1, x: 0, y: 0, w: 4, h: 4 }))
    .withPanel(panel(eventsByMinute(english), { id: 2, x: 4, y: 0, w: 4, h: 4 }))
    .withPanel(panel(configuringNow(english), { id: 3, x: 8, y: 0, w: 4, h: 4 }))
    .withPanel(panel(atPriceNow(english), { id: 4, x: 12, y: 0, w: 4, h: 4 }))
    .withPanel(panel(viewersDay(inquiriesToday(english)), { id: 5, x: 16, y: 0, w: 4, h: 4, ...DAY }))
    .withPanel(panel(newestEvent(english), { id: 6, x: 20, y: 0, w: 4, h: 4 }))
    .withPanel(panel(visitorsByMinute(english), { id: 7, x: 0, y: 4, w: 12, h: 9 }))
    .withPanel(panel(liveSteps(english), { id: 8, x: 12, y: 4, w: 12, h: 9 }))
    .withPanel(panel(viewersDay(captureRate(english)), { id: 9, x: 0, y: 13, w: 8, h: 7, ...DAY }))
    .withPanel(panel(viewersDay(capturedEvents(english)), { id: 10, x: 8, y: 13, w: 8, h: 7, ...DAY }))
    .withPanel(panel(errorsNow(english), { id: 11, x: 16, y: 13, w: 8, h: 7 }))
    .build();
