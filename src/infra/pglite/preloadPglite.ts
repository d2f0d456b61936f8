import { postgresModule } from "./Assets"

/**
 * The embedded PostgreSQL is compiled on other cores while the modules after this one are loaded on
 * ours. If that fails, whoever opens the database waits for the same and says so.
 */
if (!process.env.DATABASE_URL) postgresModule().catch(() => {})
