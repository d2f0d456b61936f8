import type { SharedConversation } from "../../../domain/conversations/Shares/Model"
import { conversationPage, messageCount, respondWithPage, time } from "../../../http/ConversationPage"
import { html } from "../../../http/Html"

/** Returns a shared conversation as a page. */
export const sharePage = ({ title, messages, sharedAt, expiresAt }: SharedConversation) =>
  conversationPage({
    title,
    messages,
    about: html`${messageCount(messages.length)}, shared on ${time(sharedAt)}${
      expiresAt === null ? undefined : html`, until ${time(expiresAt)}`
    }`,
  })

const explanations = {
  404: { title: "Not found", text: "There is no shared conversation at this address. Check the link." },
  410: { title: "No longer shared", text: "This conversation has expired, or its owner stopped sharing it." },
}

export const errorPage = (status: keyof typeof explanations) => {
  const { title, text } = explanations[status]
  return respondWithPage(
    title,
    html`<h1>${title}</h1>
<p>${text}</p>
`,
    { status },
  )
}
