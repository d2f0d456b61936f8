/** Runs the scenario outside of a browser, with a fetch that keeps cookies, and prints the results as JSON. */
import { runScenario } from "./nextAuthScenario"

const cookies = new Map<string, string>()
const send = globalThis.fetch

const fetchWithCookies = async (url: string, init: RequestInit = {}) => {
  const headers = new Headers(init.headers)
  headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "))
  const response = await send(url, { ...init, headers })
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    if (value === "") cookies.delete(name)
    else cookies.set(name, value)
  }
  return response
}

globalThis.fetch = Object.assign(fetchWithCookies, { preconnect: send.preconnect }) as typeof send

const [email = "", password = "", callbackUrl = ""] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await runScenario({ email, password }, callbackUrl)))
