import { makeErrors } from "../../http/errors"
import { errorBody } from "./Envelope"

/** Domain errors as the PlexiChat contract sends them: business rules are 422. */
export const errors = makeErrors(errorBody, {
  LastOwner: { status: 422 },
})
