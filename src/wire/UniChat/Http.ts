import { HttpApiBuilder } from "@effect/platform"
import { Layer } from "effect"
import { requireActor } from "../edge/Caller"
import * as Contract from "../frame/Contract"
import { UniChatApi } from "./Api"
import { errorShape } from "./Body"
import examples from "./examples.json" with { type: "json" }
import { promptTemplates } from "./PromptTemplates/Http"
import { SignedIn } from "./SignedIn"

/** Uni-Chat's contract, answering. */
export const UniChat = Contract.make({
  name: "UniChat",
  api: UniChatApi,
  layer: HttpApiBuilder.api(UniChatApi).pipe(
    Layer.provide([promptTemplates]),
    Layer.provide(
      Layer.succeed(SignedIn, SignedIn.of({ bearer: () => requireActor, cookie: () => requireActor })),
    ),
  ),
  prefixes: [
    "/api/conversations",
    "/api/chat",
    "/api/configs",
    "/api/gallery",
    "/api/image-gen",
    "/api/arena",
    "/api/prompt-templates",
    "/api/models",
    "/api/admin",
    "/api/users",
  ],
  errors: errorShape,
  examples,
})
