import { getCsrfToken, getProviders, getSession, signIn, signOut } from "next-auth/react"

export interface Account {
  readonly email: string
  readonly password: string
}

/** Signs in and out by NextAuth's own client, and returns what each of its functions returns. */
export const runScenario = async ({ email, password }: Account, callbackUrl: string) => {
  const options = { email, callbackUrl, redirect: false } as const
  return {
    csrfTokens: [await getCsrfToken(), await getCsrfToken()],
    providers: await getProviders(),
    anonymous: await getSession(),
    wrongPassword: await signIn("credentials", { ...options, password: `${password}x` }),
    stillAnonymous: await getSession(),
    signedIn: await signIn("credentials", { ...options, password }),
    session: await getSession(),
    signedOut: await signOut({ redirect: false, callbackUrl }),
    afterwards: await getSession(),
  }
}

export type Results = Awaited<ReturnType<typeof runScenario>>
