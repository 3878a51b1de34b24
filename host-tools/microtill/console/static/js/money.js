// money.js: amounts in minor units as people write them, by the digits of their currency. What the bench has not told yet counts as two digits.
import { S } from "./state.js";

/** How many digits stand after the point in the currency of the settings in force. */
export const exponent = () => S.books?.exponent ?? 2;

/** 1250 as "12.50" (EUR), "1250" (JPY) or "1.250" (KWD); "" where there is no amount. */
export function money(minor, digits = exponent()) {
  if (minor === null || minor === undefined) return "";
  const text = String(minor).padStart(digits + 1, "0");
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
}

/** The keys of an amount that a person wrote: "12.50" and "12" as "1250" and "1200" (EUR); null where that is no amount. */
export function keysOf(text, digits = exponent()) {
  const [, whole, part] = /^(\d{1,8})(?:\.(\d+))?$/.exec(text) || [];
  if (!whole || (part !== undefined && part.length !== digits)) return null;
  return `${whole}${part ?? "0".repeat(digits)}`.replace(/^0+/, "");
}
