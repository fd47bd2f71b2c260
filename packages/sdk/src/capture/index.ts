import type { Capture } from './context.js';
import { clicks } from './clicks.js';
import { csp } from './csp.js';
import { dead } from './dead.js';
import { engagement } from './engagement.js';
import { errors } from './errors.js';
import { forms } from './forms.js';
import { frames } from './frames.js';
import { gestures } from './gestures.js';
import { pwa } from './pwa.js';
import { rage } from './rage.js';
import { requests } from './requests.js';
import { scroll } from './scroll.js';
import { visibility } from './visibility.js';

/** Every signal of the script tag by its name, except the vitals, which are a chunk of their own. */
export const signals: Readonly<Record<string, Capture>> = {
  clicks,
  rage,
  dead,
  engagement,
  scroll,
  gestures,
  forms,
  visibility,
  errors,
  csp,
  requests,
  frames,
  pwa,
};
