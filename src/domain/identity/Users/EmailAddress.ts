/*
 * One form for every spelling of an email address, and no two addresses that look alike: otherwise somebody
 * could register what others take for another user's address.
 */

/** Converts an internationalized domain to ASCII (IDNA, as browsers do); undefined if it is none. */
const toAsciiDomain = (domain: string): string | undefined => {
  // Only what may be a name is parsed as a URL's host, whose characters have meanings of their own.
  if (!/^[\p{L}\p{N}\p{M}\p{DI}.。-]+$/u.test(domain)) return undefined
  const isAscii = /^[a-z\d.-]+$/.test(domain)
  if (isAscii && !/(^|\.)xn--/.test(domain)) return domain
  return URL.parse(`http://${domain}`)?.hostname
}

/** Splits an address at its last @. The domain is empty without one. */
const split = (address: string): readonly [local: string, domain: string] => {
  const at = address.lastIndexOf("@")
  return at === -1 ? [address, ""] : [address.slice(0, at), address.slice(at + 1)]
}

/**
 * Normalizes an address to the stored form: trimmed, lower case, without compatibility characters such as
 * full-width letters (NFKC), and with the domain in ASCII. Idempotent. Does not validate it.
 */
export const normalizeEmail = (input: string): string => {
  const text = input.normalize("NFKC").trim().toLowerCase().normalize("NFKC")
  const [local, domain] = split(text)
  const ascii = toAsciiDomain(domain)
  return ascii === undefined ? text : `${local}@${ascii}`
}

/** The letters that are written together, by the scripts of UAX 31; of Latin, those of alphabets. */
const alphabets = [
  String.raw`a-z\u00df-\u024f\u1e00-\u1eff`,
  ...[
    "Cyrillic|Greek|Armenian|Georgian|Hebrew|Arabic|Thaana|Ethiopic|Devanagari|Bengali|Gurmukhi|Gujarati|Oriya",
    "Tamil|Telugu|Kannada|Malayalam|Sinhala|Thai|Lao|Tibetan|Myanmar|Khmer",
  ].flatMap((names) => names.split("|").map((name) => String.raw`\p{scx=${name}}`)),
  // East Asian names are written in several scripts, and beside Latin.
  ...["Hiragana|Katakana", "Hangul", "Bopomofo"].map(
    (names) => ["Han", ...names.split("|")].map((name) => String.raw`\p{scx=${name}}`).join("") + "a-z",
  ),
].map((letters) => new RegExp(String.raw`^(?:[${letters}]|(?![\p{L}\p{M}])\p{scx=Common})*$`, "u"))

/** Cyrillic and Greek letters that look like Latin ones: a word of nothing else imitates a Latin one. */
const imitations = /^(?:\P{L}*[аысԁеԍһіюјӏорԗԛѕԝхуъьҽпгѵѡαικνρυωηοτ])+\P{L}*$/u

/** Whether the part before the @ mixes scripts, or imitates one by letters of another. */
const isDeceptive = (local: string) =>
  imitations.test(local) || !alphabets.some((alphabet) => alphabet.test(local))

const domainPattern = /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/

/** Returns what is wrong with a normalized address; undefined if nothing is. */
export const problemOfEmail = (address: string): string | undefined => {
  const [local, domain] = split(address)
  // Invisible characters would make two addresses look alike.
  const isValid = /^[^\s\p{C}\p{DI}@"<>(),;:\\]+$/u.test(local) && domainPattern.test(domain)
  if (!isValid || toAsciiDomain(domain) !== domain) return "must be a valid email address"
  return isDeceptive(local) ? "must not mix scripts or imitate the letters of another one" : undefined
}
