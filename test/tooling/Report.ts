import { XMLParser } from "fast-xml-parser"

/** One test that was run, or, named as such, one that was to be run. */
export interface Case {
  readonly file: string
  readonly name: string
  readonly outcome: "passed" | "failed" | "skipped"
}

interface Suite {
  readonly testsuite?: ReadonlyArray<Suite>
  readonly testcase?: ReadonlyArray<Readonly<Record<string, string>>>
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseAttributeValue: false,
  isArray: (name) => name === "testsuite" || name === "testcase",
})

const outcome = (testcase: Readonly<Record<string, string>>): Case["outcome"] => {
  if (testcase.failure !== undefined || testcase.error !== undefined) return "failed"
  return testcase.skipped === undefined ? "passed" : "skipped"
}

const casesOf = (suite: Suite): ReadonlyArray<Case> => [
  ...(suite.testcase ?? []).map((testcase) => ({
    file: testcase.file ?? "",
    name: [...(testcase.classname ?? "").split(" > ").reverse(), testcase.name].filter(Boolean).join(" > "),
    outcome: outcome(testcase),
  })),
  ...(suite.testsuite ?? []).flatMap(casesOf),
]

/** The tests that a JUnit report of `bun test` names; none when there is no report. */
export const read = (xml: string) => casesOf((parser.parse(xml) as { testsuites?: Suite }).testsuites ?? {})
