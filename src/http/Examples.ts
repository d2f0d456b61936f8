/** A recorded request and response. Ids, times and tokens are replaced by constant ones. */
export interface Example {
  readonly name: string
  readonly summary: string
  readonly request: {
    readonly path?: Readonly<Record<string, string>> | undefined
    readonly query?: Readonly<Record<string, string>> | undefined
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly body?: unknown
  }
  /** `body`: JSON, or the text of another format; absent if empty. */
  readonly response: { readonly status: number; readonly type?: string | undefined; readonly body?: unknown }
}

/** The recorded examples of a contract, by operation name. */
export type Examples = Readonly<Record<string, ReadonlyArray<Example>>>
