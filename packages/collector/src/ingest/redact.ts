/**
 * E-mail addresses, phone numbers, IBANs and token shapes in paths, labels and messages. The SDK does the same; this
 * is for those that do not.
 */
const MAIL = /[\w.+-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+/gi;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g;
/** `Bearer …`, JSON web tokens, and the prefixed secrets of well-known services. */
const TOKEN =
  /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|\b(?:sk|pk|lt|ghp|gho|xox[abp])[_-][\w-]{16,}|\bBearer\s+[\w.~+/-]{8,}=*/gi;
const PHONE = /(?:\+|\b00)\d[\d ()/.-]{6,}\d/g;

/** Nothing of the above lacks all of these: most strings are let through by one look. */
const SUSPICIOUS = /@|%40|\d{4}|\+\d|\b00\d|eyJ|[_-]\w{16}|bearer/i;

const HIDDEN = '[redacted]';

export const redact = (text: string): string =>
  text.length < 6 || !SUSPICIOUS.test(text)
    ? text
    : text.replace(MAIL, HIDDEN).replace(TOKEN, HIDDEN).replace(IBAN, HIDDEN).replace(PHONE, HIDDEN);
