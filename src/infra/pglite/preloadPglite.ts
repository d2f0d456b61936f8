import { postgresModule } from "./Assets"

/**
 * Compiles the embedded PostgreSQL on other cores while the modules after this one are loaded. An
 * error is ignored here because opening the database awaits the same promise and reports it.
 */
if (!process.env.DATABASE_URL) postgresModule().catch(() => {})
