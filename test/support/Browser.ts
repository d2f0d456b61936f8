import { Effect } from "effect"
import { chromium } from "playwright-core"

const executablePath =
  process.env.CHROMIUM ??
  ["chromium", "chromium-browser", "google-chrome"].map((name) => Bun.which(name)).find(Boolean) ??
  undefined

/** Options of tests that need a browser, which npm cannot bring. */
export const browserTest = {
  skipReason: executablePath === undefined ? "Chromium" : undefined,
  timeout: 120_000,
}

/** Starts Chromium, which reaches the loopback only, with further arguments. */
export const launchBrowser = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      chromium.launch({
        ...(executablePath === undefined ? {} : { executablePath }),
        args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", ...args],
        timeout: 60_000,
      }),
    ),
    (browser) => Effect.promise(() => browser.close()),
  )
