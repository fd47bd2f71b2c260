type Signals = Navigator & { globalPrivacyControl?: boolean };

/** The visitor said no to everybody: Global Privacy Control or Do Not Track. */
export const refusesTracking = (navigator: Navigator): boolean =>
  (navigator as Signals).globalPrivacyControl === true || navigator.doNotTrack === '1';
