import type { Sample } from "./Sample"

export const account: Readonly<Record<string, Sample>> = {
  register: {
    body: {
      email: "sample@example.com",
      password: "SecurePass123!",
      display_name: "Jane Doe",
      name: "Jane Doe",
    },
  },
  refresh: { body: { refreshToken: "none", refresh_token: "none" } },
}
