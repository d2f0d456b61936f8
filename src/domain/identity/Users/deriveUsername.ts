import { Effect, Random } from "effect"

/** Leaves room for a number after it. */
const MAX_BASE_LENGTH = 23

/** Derives a valid username from the local part of an email address. */
const baseOf = (email: string) => {
  const local = email.slice(0, email.lastIndexOf("@")).normalize("NFKD").replace(/\p{M}/gu, "")
  const base = local
    .toLowerCase()
    .replace(/\+.*/, "")
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .slice(0, MAX_BASE_LENGTH)
    .replace(/[._-]+$/, "")
  if (base === "") return "user"
  return base.length < 3 ? `user-${base}` : base
}

/**
 * Derives a username from an email address, another one at each attempt: `ada`, `ada2`, `ada3`, then with random
 * numbers of growing length, so that a common name costs few attempts.
 */
export const deriveUsername = (email: string, attempt: number): Effect.Effect<string> => {
  const base = baseOf(email)
  if (attempt === 1) return Effect.succeed(base)
  if (attempt <= 3) return Effect.succeed(`${base}${attempt}`)
  const digits = Math.min(attempt, 9)
  return Effect.map(Random.nextIntBetween(10 ** (digits - 1), 10 ** digits), (number) => `${base}${number}`)
}
