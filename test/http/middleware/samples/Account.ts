import type { Sample } from "./Sample"

const credentials = { email: "sample@example.com", password: "SecurePass123!" }

export const account: Readonly<Record<string, Sample>> = {
  signUp: { body: { ...credentials, fullName: "Jane Doe" } },
  signIn: { body: credentials },
  register: { body: { ...credentials, display_name: "Jane Doe", name: "Jane Doe" } },
  login: { body: credentials },
  refresh: { body: { refreshToken: "none", refresh_token: "none" } },
  changePassword: { body: { current_password: credentials.password, new_password: "NewPass456!" } },
  updateProfile: { body: { fullName: "Jane Doe" } },
}
