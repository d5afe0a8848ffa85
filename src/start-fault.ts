// Why a hub did not start, for whoever can mend it: one sentence, no stack. What is not told here is a fault of ours.
import { CatalogueError } from './applications/catalogue.ts';
import { ConfigError } from './config.ts';
import { SecretsKeyError } from './credentials/secrets.ts';
import { FolderLockedError } from './database/folder-lock.ts';
import { HubError } from './errors.ts';

const TOLD = [ConfigError, CatalogueError, SecretsKeyError, FolderLockedError];

const reasonOf = ({ cause }: Error): string => (cause instanceof Error ? `: ${cause.message}` : '');

/** The port, or a file: what the system refused. */
function describeSystemFault({
  code,
  syscall,
  path,
  port,
}: NodeJS.ErrnoException & { port?: unknown }): string | undefined {
  if (syscall === 'listen' || syscall === 'bind') {
    const why = code === 'EADDRINUSE' ? 'another process has it' : String(code);
    return `The port ${String(port)} cannot be listened on (${why}). Free it, or set PORT.`;
  }
  if (code !== undefined && path !== undefined)
    return `${path} cannot be made or opened (${code}). DATA_DIR must be a folder that the hub's user may write.`;
  return undefined;
}

/** A sentence for the operator; undefined for what he cannot mend. */
export function describeStartFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (TOLD.some((kind) => error instanceof kind)) return error.message;
  if (error instanceof HubError && error.code === 'unavailable')
    return `The database cannot be reached${reasonOf(error)}. DATABASE_URL says where it is and as whom.`;
  return describeSystemFault(error);
}
