import { makeErrors } from "../../http/ErrorTable"
import { errorBody } from "./Envelope"

/** Domain errors as the PlexiChat contract sends them: business rules are 422. */
export const errors = makeErrors(errorBody, {
  LastOwner: { status: 422 },
  StatusChangeNotAllowed: {
    status: 422,
    code: "STATUS_CHANGE_NOT_ALLOWED",
    description: "The status of one's own account and of administrators cannot be changed",
  },
})
