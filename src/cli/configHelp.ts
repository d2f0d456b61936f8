import readme from "../../README.md" with { type: "text" }

const [, section = ""] = /^## Configuration$(.*?)^## /ms.exec(readme) ?? []

/** The heading of a group of variables, or a variable's row in its table. */
const headingOrRow = /^### (.+)$|^\| ([A-Z_]+) *\| (.*?) *\| (.*?) *\|$/gm

/** Documents all configuration variables, generated from the README's tables for users who only have the executable. */
export const configHelp = [
  "Parley is configured by environment variables. A blank one counts as unset; durations have a unit, such as 30 seconds.",
  ...Array.from(
    section.replaceAll("`", "").matchAll(headingOrRow),
    ([, group, name, fallback, description]) =>
      group ?? `${name}\n    ${description}.\n    Default: ${fallback}`,
  ),
].join("\n\n")
