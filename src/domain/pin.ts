/** Digits of a PIN made by us. */
export const PIN_LENGTH = 6;

/** What a person may choose: digits only, as they are keyed on a phone. */
const PIN = /^\d{4,12}$/;

/** Digits too, since they are keyed on a phone. */
const PASSWORD = /^\d{6,20}$/;

/** Why this numeric password is refused, like `pinProblem`. */
export function passwordProblem(password: string, extension?: string): string | undefined {
  if (!PASSWORD.test(password)) return 'a numeric password has 6 to 20 digits';
  return isTrivialPin(password, extension) ? 'this password is too easy to guess' : undefined;
}

/** Why this administrator's code is refused, like `pinProblem`: it gives away the line of any user. */
export function codeProblem(code: string): string | undefined {
  if (!PASSWORD.test(code)) return 'an administrator’s code has 6 to 20 digits';
  return isTrivialPin(code) ? 'this code is too easy to guess: no runs, no repeated digits or groups' : undefined;
}

/** Why this PIN is refused for this extension, for an administrator to read; `undefined` when it is good. */
export function pinProblem(pin: string, extension: string): string | undefined {
  if (!PIN.test(pin)) return 'a PIN has 4 to 12 digits';
  if (isTrivialPin(pin, extension))
    return 'this PIN is too easy to guess: no runs, no repeated digits or groups, no extension';
  return undefined;
}

/** The PINs that are tried first: the extension itself, runs (123456, 987654, 890123), one group repeated (1212, 123123). */
export function isTrivialPin(pin: string, extension?: string): boolean {
  if (extension !== undefined && (extension.includes(pin) || (extension.length > 2 && pin.includes(extension))))
    return true;
  if (isRun(pin, 1) || isRun(pin, 9)) return true;
  return isOneGroupRepeated(pin) || new Set(pin).size < Math.min(4, pin.length - 1);
}

function isRun(pin: string, step: number): boolean {
  for (let i = 1; i < pin.length; i++) {
    if ((Number(pin[i - 1]) + step) % 10 !== Number(pin[i])) return false;
  }
  return true;
}

/** A text that is a group repeated is found again inside its own double, before the end. */
function isOneGroupRepeated(pin: string): boolean {
  return (pin + pin).indexOf(pin, 1) < pin.length;
}
