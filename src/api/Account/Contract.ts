import { defineContract } from "../../http/Contract"
import { commonErrorBody } from "../../http/ErrorBody"
import { auth } from "./Auth/Handlers"
import { health } from "./Health"
import { nextAuth } from "./NextAuth/Handlers"
import { setup } from "./Setup/Handlers"

/** The Account contract. */
export const Account = defineContract({
  name: "Account",
  title: "Parley: Account",
  description: "Accounts, sessions and health, shared by all contracts under /api.",
  errorBody: commonErrorBody,
  resources: [auth, health, nextAuth, setup],
})
