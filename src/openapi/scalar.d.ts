// The reference page's script as text: the package exports it only as part of a complete page.
declare module "*/httpApiScalar.js" {
  export const javascript: string
}
