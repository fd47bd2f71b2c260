import { AppPlugin } from '@grafana/data';

export const plugin = new AppPlugin<Record<string, never>>();
