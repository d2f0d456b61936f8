import { Option } from "effect"
import type { Mail } from "../../shared/Mailer"
import type { Invite } from "./Model"

/** Writes the mail of an invitation. The link is to a page of the front end. */
export const invitationMail = (invite: Invite, inviter: string, publicUrl: Option.Option<URL>): Mail => ({
  to: invite.email,
  subject: `${inviter} invites you to ${invite.organizationName}`,
  text: [
    `${inviter} invites you to join ${invite.organizationName} with the role ${invite.role}.`,
    `To answer, sign in with this email address, ${invite.email}, before ${invite.expiresAt.toUTCString()}.`,
    ...Option.match(publicUrl, {
      onNone: () => [],
      onSome: (url) => [new URL(`/invites/${invite.id}`, url).href],
    }),
    "If you do not know the sender, ignore this mail.",
  ].join("\n\n"),
})
