// The reference page's script, embedded as a file; its path.
declare module "*/standalone.js" {
  const path: string
  export { path as default }
}
