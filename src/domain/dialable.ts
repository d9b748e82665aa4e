/** Digits and the two other keys of a phone: what an extension that a feature answers to may be. */
export const DIALABLE = /^[0-9*#]{1,20}$/;
