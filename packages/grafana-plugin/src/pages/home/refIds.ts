import { DAY_SQL, NOW_SQL } from '../../queries/panels';
import { refIdsOf } from '../../queries/target';

/** Name of each statement in the two shared queries of the page. */
export const NOW_REF_IDS = refIdsOf(Object.values(NOW_SQL));
export const DAY_REF_IDS = refIdsOf(Object.values(DAY_SQL));
