import type { EventType } from '@lintel/protocol/types';

// no type is part of another one's name in the other list
const FIRST = 'inquiry config price_view option_select exposure page_view custom';
const SECOND = 'error page_leave click rage_click dead_click form vital';

/** What is sent first and given up last: 0 before 1 before 2. */
export const rankOf = (type: EventType): number => (FIRST.includes(type) ? 0 : SECOND.includes(type) ? 1 : 2);
