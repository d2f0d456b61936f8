FROM oven/bun:1.4.5 AS build
WORKDIR /parley
# Dependencies have a layer of their own, which a change of the sources does not invalidate.
COPY package.json bun.lock bunfig.toml ./
RUN bun install --frozen-lockfile
COPY . .
RUN bun run build

# The binary needs glibc, which Alpine does not have, and nothing else: it contains its own root certificates.
FROM debian:13-slim
RUN useradd --uid 1000 --no-create-home --shell /usr/sbin/nologin parley \
  && install --directory --owner=parley --group=parley --mode=700 /data
COPY --from=build /parley/dist/parley /usr/local/bin/parley
ENV HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
USER parley
WORKDIR /data
VOLUME /data
EXPOSE 3000
# The image has no HTTP client but the binary: with BUN_BE_BUN set, it is the Bun that it contains.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["env", "BUN_BE_BUN=1", "parley", "-e", "process.exit((await fetch('http://127.0.0.1:' + process.env.PORT + '/api/health')).ok ? 0 : 1)"]
ENTRYPOINT ["parley"]
CMD ["serve"]
