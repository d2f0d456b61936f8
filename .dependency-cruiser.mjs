/**
 * Who may import whom. Imports point down: api → http → domain; infra implements the domain's ports;
 * AppLayer.ts provides every layer once. A domain service is a file, src/domain/x/Foo.ts, with a folder
 * of its internals beside it, src/domain/x/Foo/.
 */
const publicInternals = "^src/domain/[^/]+/[^/]+/(Model|Errors)[.]ts$"
const serviceInternals = "^src/domain/[^/]+/[^/]+/.+"

/** The capabilities from top to bottom: one may import those below it, never one above. */
const capabilities = [
  "chat",
  "generation",
  "conversations",
  "assistants",
  "models",
  "workspace",
  "messaging",
  "identity",
  "operations",
  "files",
  "shared",
]

/** What a process is made of, and so the files at the root may import. */
const processInfra =
  "^src/infra/(bun-http/|socket-io/|telemetry/|Database[.]ts$|postgres/Migrations[.]ts$|pglite/preloadPglite[.]ts$)"

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to })

const downwardOnly = capabilities
  .map((capability, index) => [capability, capabilities.slice(0, index)])
  .filter(([, above]) => above.length > 0)
  .map(([capability, above]) =>
    rule(
      `domain-${capability}-imports-down`,
      "A capability never imports one above it.",
      { path: `^src/domain/${capability}/` },
      { path: `^src/domain/(${above.join("|")})/` },
    ),
  )

export default {
  forbidden: [
    rule(
      "domain-stands-alone",
      "The domain imports effect, @effect/sql and itself: no HTTP, no contract, no infra, no Bun.",
      { path: "^src/domain/" },
      { pathNot: ["^src/domain/", "node_modules/(effect|@effect/sql)/"] },
    ),
    ...downwardOnly,
    rule(
      "service-internals-are-private",
      "Import a service, its Model or its Errors; never another file of its folder.",
      { path: "^src/domain/([^/]+)/([^/.]+)(?:/|[.]ts$)" },
      { path: serviceInternals, pathNot: [publicInternals, "^src/domain/$1/$2/"] },
    ),
    rule(
      "service-internals-are-private-outside-the-domain",
      "Import a service, its Model or its Errors; never another file of its folder.",
      { path: "^src/", pathNot: "^src/domain/" },
      { path: serviceInternals, pathNot: publicInternals },
    ),
    rule(
      "infra-knows-no-contract",
      "Infra implements the domain's ports; it knows neither HTTP contracts nor their plumbing.",
      { path: "^src/infra/" },
      { path: "^src/(api|http|openapi)/" },
    ),
    rule(
      "contracts-know-no-infra",
      "A contract calls the domain, never what the domain is implemented with.",
      { path: "^src/(api|http|openapi)/" },
      { path: "^src/infra/" },
    ),
    rule(
      "contracts-are-separate",
      "A contract never imports another, so that one can be deleted whole.",
      { path: "^src/api/([^/]+)/" },
      { path: "^src/api/", pathNot: "^src/api/$1/" },
    ),
    rule(
      "http-knows-no-contract",
      "The contract kit and the documents are given contracts; they import none.",
      { path: "^src/(http|openapi)/" },
      { path: "^src/api/" },
    ),
    rule(
      "http-knows-no-documents",
      "Serving requests needs no OpenAPI documents.",
      { path: "^src/http/" },
      { path: "^src/openapi/" },
    ),
    rule(
      "only-app-layer-provides",
      "What implements the domain's ports is chosen once, in src/AppLayer.ts.",
      { path: "^src/([^/]+[.]ts$|cli/)", pathNot: "^src/AppLayer[.]ts$" },
      { path: "^src/infra/", pathNot: processInfra },
    ),
    rule(
      "the-root-is-on-top",
      "Nothing below imports the files that put the process together.",
      { path: "^src/[^/]+/", pathNot: "^src/cli/" },
      { path: "^src/([^/]+[.]ts$|cli/)" },
    ),
    rule(
      "source-needs-no-tests",
      "The source never imports its tests.",
      { path: "^src/" },
      { path: "^test/" },
    ),
    rule(
      "source-needs-no-tools",
      "What the source imports is a dependency, not a development one.",
      { path: "^src/" },
      { dependencyTypes: ["npm-dev"] },
    ),
    rule("no-cycles", "Not even of types: a cycle is one file in several.", {}, { circular: true }),
    rule(
      "imports-resolve",
      "An import must lead to a file.",
      {},
      { couldNotResolve: true, pathNot: "^bun(:|$)" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["bun", "import", "types", "default"],
    },
  },
}
