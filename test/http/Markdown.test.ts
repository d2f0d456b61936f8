import { expect } from "bun:test"
import { Effect, FastCheck } from "effect"
import { html } from "../../src/http/Html"
import { renderMarkdown } from "../../src/http/Markdown"
import { it } from "../support/it"

const rel = 'rel="noopener noreferrer nofollow"'

it.effect("renders Markdown with HTML as text, and only harmless links", () =>
  Effect.sync(() => {
    const cases: ReadonlyArray<readonly [markdown: string, markup: string]> = [
      ["**a** <b onclick=x>b</b>", "<p><strong>a</strong> &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"],
      ["<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"],
      ["[a](https://b.example/?c&d)", `<p><a href="https://b.example/?c&amp;d" ${rel}>a</a></p>\n`],
      ["https://b.example", `<p><a href="https://b.example" ${rel}>https://b.example</a></p>\n`],
      ["[a](javascript:alert(1))", "<p><a>a</a></p>\n"],
      ["[a](JAVA&#x53;CRIPT:alert(1))", "<p><a>a</a></p>\n"],
      ["[a](data:text/html,b)", "<p><a>a</a></p>\n"],
      ["[a](/api/auth/signout)", "<p><a>a</a></p>\n"],
      ["[a](//evil.example)", "<p><a>a</a></p>\n"],
      [
        '![a"<b>](https://b.example/c.png)',
        `<p><a href="https://b.example/c.png" ${rel}>a&quot;&lt;b&gt;</a></p>\n`,
      ],
      ["![](javascript:alert(1))", "<p>image</p>\n"],
      ["# a", "<h3>a</h3>\n"],
      [
        '```js"onload=x\na<b\n```',
        '<pre tabindex="0"><code class="language-js&quot;onload=x">a&lt;b\n</code></pre>\n',
      ],
    ]
    for (const [markdown, markup] of cases) expect(renderMarkdown(markdown).markup).toBe(markup)
  }),
)

const allowed = new Set([
  ..."a br p em strong del code pre blockquote ul ol li hr h3 h4 h5 h6 input div".split(" "),
  ..."table thead tbody tr th td".split(" "),
  ..."a@href a@title a@rel code@class pre@tabindex ol@start th@align td@align".split(" "),
  ..."li@class input@type input@class input@disabled input@checked div@class div@tabindex".split(" "),
])

const tokens =
  "< > <b <script> [ [a ]( ) ![ \" ' ` ``` \n \n\n a & &quot; &#x22; javascript: http://b | \n|-|\n * ** _ # - 1. on= \\ ~~"
    .split(" ")
    .concat(" ")

it.prop(
  "emits only elements and attributes of its own, whatever the text",
  [FastCheck.array(FastCheck.constantFrom(...tokens), { maxLength: 80 })],
  (parts) =>
    Effect.sync(() => {
      const used = new Set<string>()
      new HTMLRewriter()
        .on("*", {
          element: ({ tagName, attributes }) => {
            used.add(tagName)
            for (const [name, value] of attributes) {
              used.add(`${tagName}@${name}`)
              if (name === "href") expect(value).toMatch(/^https?:\/\/|^mailto:/)
            }
          },
        })
        .transform(renderMarkdown(parts.join("")).markup)
      expect([...used].filter((name) => !allowed.has(name))).toEqual([])
    }),
  { numRuns: 500 },
)

it.effect("renders hostile Markdown within a bounded time", () =>
  Effect.sync(() => {
    for (const unit of [
      "*a_",
      "> ",
      "[",
      "![",
      "[a](",
      "`` ` ",
      "http://a.b/'\"",
      "|a\n|-\n",
      "# a\n",
      "<a ",
    ]) {
      const text = unit.repeat(100_000 / unit.length)
      const startedAt = performance.now()
      renderMarkdown(text)
      expect([unit, performance.now() - startedAt < 5_000]).toEqual([unit, true])
    }
  }),
)

it.effect("html escapes inserted values, except for markup, and joins lists", () =>
  Effect.sync(() => {
    const items = [`<&>"'`, undefined, 2].map((value) => html`<li>${value}</li>`)
    expect(html`<ul>${items}</ul>${[]}`.markup).toBe(
      "<ul><li>&lt;&amp;&gt;&quot;&#39;</li><li></li><li>2</li></ul>",
    )
  }),
)
