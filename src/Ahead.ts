import { postgresModule } from "./infra/Sql/Assets"

/** The embedded PostgreSQL is compiled on other cores while the modules after this one are loaded on ours. */
if (!process.env.DATABASE_URL) postgresModule().catch(() => {})
