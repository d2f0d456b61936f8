// Files that the bundler embeds: SQL and Markdown as text, everything else as a path that Bun can read.
declare module "*.sql" {
  const text: string
  export = text
}
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
declare module "*.tar.gz" {
  const path: string
  export = path
}
declare module "*.tar.zst" {
  const path: string
  export = path
}
