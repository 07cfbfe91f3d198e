/** This package's version, which it tells providers as its user agent. */
export const VERSION = "0.1.0";
