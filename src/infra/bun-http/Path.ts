/** Returns the path and query of a request URL, which has no origin if the request sent no Host header. */
export const pathAndQuery = (url: string): string => {
  if (url.startsWith("/")) return url
  const start = url.indexOf("/", url.indexOf("//") + 2)
  return start === -1 ? "/" : url.slice(start)
}
