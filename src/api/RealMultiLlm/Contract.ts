import { defineContract } from "../../http/Contract"
import { commonErrorBody } from "../../http/ErrorBody"
import { admin } from "./Admin"
import { analytics } from "./Analytics"
import { goals } from "./Goals"
import { llm } from "./Llm"
import { monitoring } from "./Monitoring"
import { personas } from "./Personas"
import { providerConfigs } from "./ProviderConfigs"
import { sharedConversations } from "./SharedConversations/Handlers"
import { teams } from "./Teams"

/** The RealMultiLLM contract, except accounts, which the Account contract serves. */
export const RealMultiLlm = defineContract({
  name: "RealMultiLLM",
  title: "Parley: RealMultiLLM",
  description:
    "Calls to models of several providers by their own names, with goals, personas, teams, analytics and monitoring. Responses are plain objects and arrays with camelCase fields.",
  errorBody: commonErrorBody,
  resources: [
    admin,
    analytics,
    goals,
    llm,
    monitoring,
    personas,
    providerConfigs,
    sharedConversations,
    teams,
  ],
})
