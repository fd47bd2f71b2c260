import type { Translate } from './panelSpec';

/** The way to an inquiry, as the collector's funnel has it unless told otherwise. */
export const FUNNEL_STEPS = ['page_view', 'option_select', 'price_view', 'config:save', 'inquiry'] as const;

/** What a step is called. */
export const stepWords = (t: Translate): Readonly<Record<string, string>> => ({
  page_view: t('steps.pageView', 'Looking around'),
  option_select: t('steps.optionSelect', 'Choosing options'),
  price_view: t('steps.priceView', 'Looking at the price'),
  config: t('steps.config', 'Saving a configuration'),
  'config:save': t('steps.configSave', 'Saving a configuration'),
  inquiry: t('steps.inquiry', 'Sending an inquiry'),
  error: t('steps.error', 'Meeting an error'),
});
