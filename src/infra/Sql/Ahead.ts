import { postgresModule } from "./Assets"

/** The embedded PostgreSQL is compiled on other cores while the modules after this one are loaded on ours. */
if (!process.env.DATABASE_URL) postgresModule().catch(() => {})
