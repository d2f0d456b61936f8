import readme from "../../README.md" with { type: "text" }

const row = /^\| (`[A-Z][A-Z_`, ()]*`\)?) *\| (.*?) *\| (.*?) *\|$/gm

const plain = (markdown: string) => markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "")

/** The README's table of settings, for someone who has no more than the one file. */
export const listOfSettings = [
  "Settings are environment variables. An empty one counts as none; lengths of time have a unit, such as 30 seconds.",
  ...Array.from(
    readme.matchAll(row),
    ([, names = "", fallback = "", meaning = ""]) =>
      `${plain(names)}\n    ${plain(meaning)}.\n    Default: ${plain(fallback)}`,
  ),
].join("\n\n")
