/** A front end that shows its session by `useSession`, and lets the test call NextAuth's client. */
import { SessionProvider, signIn, signOut, useSession } from "next-auth/react"
import { createElement } from "react"
import { createRoot } from "react-dom/client"
import { runScenario } from "./nextAuthScenario"

const Status = () => {
  const { data, status } = useSession()
  return createElement("output", null, [status, data?.user?.email].filter(Boolean).join(" "))
}

Object.assign(globalThis, { runScenario, signIn, signOut })
createRoot(Object(globalThis).document.body).render(
  createElement(SessionProvider, null, createElement(Status)),
)
