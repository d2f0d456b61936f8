import { Effect } from "effect"
import { Conversations } from "../conversations/Conversations"
import type { Actor } from "../shared/Actor"
import type { OffsetLimit, PageResult } from "../shared/Page"
import type { Match, SearchResult, SearchType } from "./Search/Model"
import { SearchRepo } from "./Search/Repo"
import { ranked, toResult } from "./Search/Rules"

/** How many matches of each type are found at most, the latest ones; a term with more needs to be longer. */
const MAX_MATCHES = 200

/**
 * Searches chats, messages, projects, documents and file names that the actor can see, literally and
 * ignoring case and composition.
 */
export class Search extends Effect.Service<Search>()("Search", {
  dependencies: [SearchRepo.Default],
  effect: Effect.gen(function* () {
    const repo = yield* SearchRepo
    const conversations = yield* Conversations

    const ownMessages = Effect.fnUntraced(function* (actor: Actor, term: string, limit: number) {
      const messages = yield* conversations.searchMessages(actor, term, limit)
      return messages.map(
        ({ id, conversationId, content, createdAt }): Match => ({
          type: "message",
          id,
          chatId: conversationId,
          title: "",
          text: content,
          createdAt,
        }),
      )
    })

    const messages = (actor: Actor, term: string, limit: number) =>
      Effect.map(
        Effect.all([ownMessages(actor, term, limit), repo.projectMessages(actor, term, limit)], {
          concurrency: 2,
        }),
        (found) => found.flat(),
      )

    const finders: Record<
      SearchType,
      (actor: Actor, term: string, limit: number) => Effect.Effect<ReadonlyArray<Match>>
    > = {
      chat: repo.chats,
      message: messages,
      project: repo.projects,
      document: repo.documents,
      file: repo.files,
    }

    /** Fills in the titles of the chats of own messages. */
    const withTitles = Effect.fnUntraced(function* (matches: ReadonlyArray<Match>) {
      const ids = matches.flatMap(({ title, chatId }) => (title === "" && chatId !== null ? [chatId] : []))
      if (ids.length === 0) return matches
      const titles = yield* repo.titlesOf(ids)
      return matches.map((match) => ({
        ...match,
        title: match.title || (titles.get(match.chatId ?? "") ?? ""),
      }))
    })

    /**
     * Finds what contains the term, of one type if given. Titles come before texts, equal ones before those
     * that begin with the term, and then the latest first. The total counts at most 200 of each type.
     */
    const search = Effect.fn("Search.search")(function* (
      actor: Actor,
      { term, type }: { readonly term: string; readonly type?: SearchType | undefined },
      { offset, limit }: OffsetLimit,
    ) {
      const types = type === undefined ? Object.values(finders) : [finders[type]]
      const found = yield* Effect.forEach(types, (find) => find(actor, term, MAX_MATCHES), {
        concurrency: "unbounded",
      })
      const all = ranked(found.flat(), term)
      const page = yield* withTitles(all.slice(offset, offset + limit))
      const result: PageResult<SearchResult> = {
        total: all.length,
        items: page.map((match) => toResult(match, term)),
      }
      return result
    })

    return { search }
  }),
}) {}
