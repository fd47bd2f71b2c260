import { PLUGIN_ID } from './constants';

export const BASE_PATH = `/a/${PLUGIN_ID}`;

/** Pages that exist, by the last part of their address. */
export const PAGES = { home: 'home' } as const;

export const pagePath = (page: keyof typeof PAGES): string => `${BASE_PATH}/${PAGES[page]}`;

export const CONFIG_PATH = `/plugins/${PLUGIN_ID}`;
