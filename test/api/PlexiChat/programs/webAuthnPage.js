/** A page that registers and uses a security key by the PlexiChat API alone. The test calls its functions. */
const request = async (api, path, body, token) => {
  const response = await fetch(`${api}/v1/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  return { status: response.status, ...(await response.json()) }
}

/** Registers a new key. Returns the response of the server. */
const register = async ({ api, token, password }) => {
  const { data } = await request(api, "2fa/webauthn/options", { password }, token)
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(data)
  const credential = await navigator.credentials.create({ publicKey })
  return request(api, "2fa/webauthn/verify", { attestation: credential.toJSON() }, token)
}

/** Asks a key to prove a challenge. Returns its response. */
const prove = async ({ api, challenge_token }) => {
  const { data } = await request(api, "login/2fa/send", { challenge_token, method: "webauthn" })
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(data.options)
  return (await navigator.credentials.get({ publicKey })).toJSON()
}

Object.assign(globalThis, { register, prove })
