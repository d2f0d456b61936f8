import readme from "../../README.md" with { type: "text" }

const row = /^\| (`[A-Z][A-Z_`, ()]*`\)?) *\| (.*?) *\| (.*?) *\|$/gm

const stripMarkdown = (markdown: string) =>
  markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "")

/** Documents all configuration variables, generated from the README's table for users who only have the executable. */
export const configHelp = [
  "Parley is configured by environment variables. A blank one counts as unset; durations have a unit, such as 30 seconds.",
  ...Array.from(
    readme.matchAll(row),
    ([, names = "", fallback = "", description = ""]) =>
      `${stripMarkdown(names)}\n    ${stripMarkdown(description)}.\n    Default: ${stripMarkdown(fallback)}`,
  ),
].join("\n\n")
