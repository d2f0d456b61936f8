/** Bodies that every operation rejects: description, content and expected status. */
export const malformedBodies: ReadonlyArray<
  readonly [what: string, body: string | Uint8Array, status: number]
> = [
  ["a word", "nonsense", 400],
  ["a truncated object", '{"email": "a@example.com", "pass', 400],
  ["a trailing comma", '{"email": "a@example.com",}', 400],
  ["single quotes", "{'email': 'a@example.com'}", 400],
  ["two values", "{} {}", 400],
  ["a comment", "{} // comment", 400],
  ["NaN", '{"email": NaN}', 400],
  ["whitespace only", " \n\t ", 400],
  ["a bare NUL", "\u0000", 400],
  ["invalid UTF-8", Uint8Array.of(0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d), 400],
  ["UTF-8 of a lone surrogate", Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 400],
  ["UTF-16", Uint8Array.of(0x7b, 0x00, 0x7d, 0x00), 400],
  ["null", "null", 400],
  ["a number", "5", 400],
  ["a huge number", "1e999", 400],
  ["true", "true", 400],
  ["a string", '"text"', 400],
  ["an array", "[]", 400],
  ["an array of an object", '[{"email":"a@example.com"}]', 400],
  ["100,000 open brackets", "[".repeat(100_000), 400],
  ["100,000 brackets", "[".repeat(100_000) + "]".repeat(100_000), 400],
  ["100,000 nested objects", `${'{"title":'.repeat(100_000)}1${"}".repeat(100_000)}`, 400],
  ["nested arrays in a field", `{"title":${"[".repeat(500)}${"]".repeat(500)},"email":[]}`, 400],
  ["more than a megabyte", JSON.stringify({ title: "x".repeat(1_048_577) }), 413],
]

/** JSON values, as text, that are invalid for every string field with a maximum length. */
export const invalidValues: ReadonlyArray<string> = [
  "null",
  "5",
  "1e999",
  "true",
  "[]",
  "{}",
  '["ech0"]',
  '{"ech0":"ech0"}',
  '"\\u0000"',
  '"ech0\\u0000ech0"',
  '"\\ud800"',
  '"ech0\\udfff"',
  '"\\ud83d\\u0000\\ude00"',
  `"ech0${"x".repeat(300_000)}"`,
  `["${"x".repeat(300_000)}"]`,
  '{"__proto__":{"ech0":1}}',
]

export const unsupportedContentTypes: ReadonlyArray<string> = [
  "text/plain",
  "text/html",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "multipart/form-data",
  "application/octet-stream",
  "application/jsonp",
  "text/json",
  "nonsense",
  ";",
  ", ,",
]

export const jsonContentTypes: ReadonlyArray<string> = [
  "application/json",
  "application/json; charset=utf-8",
  "APPLICATION/JSON;charset=UTF-8",
  "application/merge-patch+json",
]

export const methods: ReadonlyArray<string> = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "SEARCH",
  "PURGE",
]

/** A path prefix of each contract, and one of none. */
export const prefixes: ReadonlyArray<string> = [
  "/api/chats",
  "/api/auth",
  "/api/generations",
  "/api/other",
  "/other",
]

/** Suffixes that make an unmatched path of a prefix. */
export const unusualPathSuffixes: ReadonlyArray<string> = [
  "/%",
  "/%zz/nothing",
  "/%E0%A4%A/nothing/at/all",
  "/%00/nothing/at/all",
  "/%ff%fe/nothing/at/all",
  "//nothing//at//all",
  "/./nothing/at/all",
  "/x/../../../../../../etc/passwd",
  "/..%2f..%2f..%2fetc%2fpasswd/nothing/at",
  "/nothing;jsessionid=1/at/all",
  "/nothing/at/all?a=b&a=c&&&=&%=%&%ff",
  "/nothing/at/all/",
  "/nothing/at/all#fragment",
  "/\\nothing/at/all",
  `/nothing/at/all?q=${"x".repeat(15_000)}`,
  `/${"x".repeat(4_000)}/nothing/at/all`,
  "/{id}/nothing/at/:id",
  "/*/nothing/**",
  "/é/nothing/at",
]

/** Malformed and unusual request headers, as bytes on the wire. */
export const unusualHeaders: ReadonlyArray<string> = [
  "Authorization: Bearer",
  "Authorization: Bearer  ",
  "Authorization: bearer a b c",
  "Authorization: Basic dXNlcjpwYXNz",
  "Authorization: Bearer \u00ff\u00fe",
  "Authorization: Bearer ..",
  "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
  "Authorization: Bearer one\r\nAuthorization: Bearer two",
  `Authorization: Bearer ${"x".repeat(10_000)}`,
  "Cookie: parley_session",
  "Cookie: parley_session=",
  "Cookie: parley_session=%",
  "Cookie: parley_session=%00%ff",
  'Cookie: ;;;=;=a;parley_session="a"; parley_session=b',
  "Cookie: parley_session=a\r\nCookie: parley_session=b",
  "X-Request-Id: ",
  "X-Request-Id: <script>alert(1)</script>",
  `X-Request-Id: ${"x".repeat(5_000)}`,
  "X-Forwarded-For: , ,,::::,999.999.999.999",
  "Origin: null",
  "Origin: not an origin",
  "Referer: not a url\r\nSec-Fetch-Site: sideways",
  "Last-Event-ID: -1",
  "Last-Event-ID: 99999999999999999999",
  "Last-Event-ID: \u00ff",
  "Accept: nothing/at-all",
  "Range: bytes=0-0",
  "Expect: nothing",
  "Content-Type: application/json\r\nContent-Type: text/plain",
  "Upgrade: websocket\r\nConnection: Upgrade",
  "traceparent: 00-zz-zz-zz",
]
