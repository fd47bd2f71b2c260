import type { Group, Option } from '../catalogue.js';
import { de, type Text } from './de.js';
import { en } from './en.js';

export type { Text } from './de.js';
export type Language = 'de' | 'en';

export const TEXTS: Readonly<Record<Language, Text>> = { de, en };

/** German unless the address says `lang=en`; the choice is kept in the address, not on the device. */
export const languageOf = (search: string): Language =>
  new URLSearchParams(search).get('lang') === 'en' ? 'en' : 'de';

export const groupTitle = (text: Text, group: Group): string => text.titles[group.id] ?? group.title;
export const optionTitle = (text: Text, group: Group, option: Option): string =>
  text.titles[`${group.id}:${option.id}`] ?? option.title;
export const optionDescription = (text: Text, group: Group, option: Option): string =>
  text.descriptions[`${group.id}:${option.id}`] ?? option.description;
