/** One exchange with a real server, with ids, times and tokens put in place of those that it had. */
export interface Example {
  readonly name: string
  readonly summary: string
  readonly request: {
    readonly path?: Readonly<Record<string, string>> | undefined
    readonly query?: Readonly<Record<string, string>> | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly body?: unknown
  }
  /** `body` is JSON, or the text of what is not; absent where there is none. */
  readonly response: { readonly status: number; readonly type?: string | undefined; readonly body?: unknown }
}

/** The recorded exchanges of a contract, by the name of the operation. */
export type Examples = Readonly<Record<string, ReadonlyArray<Example>>>
