// The reference page's script, as text, from inside a package that serves it only in a page of its own.
declare module "*/httpApiScalar.js" {
  export const javascript: string
}
