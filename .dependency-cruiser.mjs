/**
 * Who may import whom: wire -> domain -> infra's ports, joined in src/Domains.ts.
 * A room is a door, src/domain/x/Foo.ts, with the folder beside it, src/domain/x/Foo/.
 */
const shownRooms = "^src/domain/[^/]+/[^/]+/(Model|Errors)[.]ts$"
const insideARoom = "^src/domain/[^/]+/[^/]+/.+"

const processInfra = "^src/infra/(Http/|SocketIo/|Logging|Telemetry|Sql/(Sql|Migrations|Ahead)[.]ts$)"

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to })

export default {
  forbidden: [
    rule(
      "domain-stands-alone",
      "The domain imports effect, @effect/sql and itself: no HTTP, no wire, no infra, no Bun.",
      { path: "^src/domain/" },
      { pathNot: ["^src/domain/", "node_modules/(effect|@effect/sql)/"] },
    ),
    rule(
      "rooms-are-private",
      "Outside a room, import its door, its Model or its Errors.",
      { path: "^src/domain/([^/]+)/([^/.]+)(?:/|[.]ts$)" },
      { path: insideARoom, pathNot: [shownRooms, "^src/domain/$1/$2/"] },
    ),
    rule(
      "rooms-are-private-from-outside-the-domain",
      "Outside a room, import its door, its Model or its Errors.",
      { path: "^src/", pathNot: "^src/domain/" },
      { path: insideARoom, pathNot: shownRooms },
    ),
    rule(
      "infra-is-not-spoken-to",
      "Infra implements the domain's ports; it knows no contract.",
      { path: "^src/infra/" },
      { path: "^src/wire/" },
    ),
    rule(
      "wire-stands-on-the-domain",
      "A contract asks the domain, never what the domain stands on.",
      { path: "^src/wire/" },
      { path: "^src/infra/" },
    ),
    rule(
      "contracts-are-separate",
      "A contract never imports another, so that one can be deleted whole. They share frame and edge.",
      { path: "^src/wire/([^/]+)/" },
      { path: "^src/wire/[^/]+/", pathNot: ["^src/wire/$1/", "^src/wire/(frame|edge)/"] },
    ),
    rule(
      "frames-know-no-rooms",
      "Framing is bytes: of the domain it may know the kernel.",
      { path: "^src/wire/frame/" },
      { path: "^src/domain/", pathNot: "^src/domain/kernel/" },
    ),
    rule(
      "only-domains-joins",
      "What implements the domain's ports is chosen once, in src/Domains.ts; the root's other files know what a process is made of.",
      { path: "^src/[^/]+[.]ts$", pathNot: "^src/Domains[.]ts$" },
      { path: "^src/infra/", pathNot: processInfra },
    ),
    rule(
      "the-root-is-on-top",
      "Nothing below imports the files that put it together.",
      { path: "^src/[^/]+/" },
      { path: "^src/[^/]+[.]ts$" },
    ),
    rule(
      "product-needs-no-tests",
      "The product never imports its tests.",
      { path: "^src/" },
      { path: "^test/" },
    ),
    rule(
      "product-needs-no-tools",
      "What the product imports is a dependency, not a development one.",
      { path: "^src/" },
      { dependencyTypes: ["npm-dev"] },
    ),
    rule("no-cycles", "Not even of types: a cycle is one file in several.", {}, { circular: true }),
    rule(
      "nothing-missing",
      "An import must lead somewhere.",
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
