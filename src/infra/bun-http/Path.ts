/** The path and query of a request's address, which is no more than that when the request names no host. */
export const pathOf = (url: string): string => {
  if (url.startsWith("/")) return url
  const start = url.indexOf("/", url.indexOf("//") + 2)
  return start === -1 ? "/" : url.slice(start)
}
