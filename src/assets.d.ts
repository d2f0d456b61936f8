// Files that the bundler embeds: Markdown as text, everything else as a path that Bun can read.
declare module "*.md" {
  const text: string
  export = text
}
declare module "*.wasm" {
  const path: string
  export = path
}
declare module "*.data" {
  const path: string
  export = path
}
declare module "*.tar.zst" {
  const path: string
  export = path
}
declare module "*/standalone.js" {
  const path: string
  export = path
}
declare module "*.ttf" {
  const path: string
  export = path
}
